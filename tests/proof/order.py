"""A plugin of pytest for the script of small faults: quick tests are run before slow ones."""


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
