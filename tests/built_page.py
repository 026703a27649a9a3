"""The whole page, built once in a process for all tests that only look at it."""

from functools import cache

from ui.page import build_page

built_page = cache(build_page)
