"""The window of the program: pages, panels and dialogs, made with Qt."""

from gui.unread_sources import leave_unread

leave_unread()
