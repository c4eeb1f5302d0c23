"""The entry of the program in the menu of a Linux desktop."""
