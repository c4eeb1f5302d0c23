"""The settings of Sphinx for the user guide."""

from importlib import metadata

project = "Bayescape"
version = release = metadata.version("bayescape")
html_title = f"Bayescape {release}"
author = "The Bayescape authors"
extensions = ["myst_parser"]
myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 2
html_theme = "alabaster"
html_theme_options = {"description": "User guide", "page_width": "1000px", "sidebar_width": "240px"}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
html_static_path = ["static"]
html_css_files = ["style.css"]
html_show_sphinx = False
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
