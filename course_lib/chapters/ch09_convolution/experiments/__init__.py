"""Experiments of chapter 9."""
