"""The structure of a PDF file: its pages, images and texts."""

import re
import zlib

MM = 25.4 / 72  # in a point


def page_sizes(content):
    """The width and the height of each page in mm."""
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", content)
    return [(float(width) * MM, float(height) * MM) for width, height in boxes]


def image_sizes(content):
    """The width and the height of each image in pixels, without the masks."""
    found = []
    for part in re.findall(rb"<<[^<>]*/Subtype\s*/Image[^<>]*>>", content):
        size = [int(re.search(rb"/" + name + rb" (\d+)", part)[1]) for name in (b"Width", b"Height")]
        found.append(tuple(size))
    return found


def drawn(content):
    """The operators of all pages, decompressed."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    texts = []
    for stream in streams:
        try:
            texts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(text for text in texts if b" re" in text or b"Tj" in text or b" l\n" in text)


def count_of_texts(content):
    """The number of texts that are written with a font."""
    return len(re.findall(rb"T[jJ]\b", drawn(content)))
