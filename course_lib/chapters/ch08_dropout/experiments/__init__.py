"""Experiments of chapter 8."""
