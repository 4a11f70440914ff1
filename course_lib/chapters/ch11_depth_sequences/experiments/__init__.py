"""Experiments of chapter 11."""
