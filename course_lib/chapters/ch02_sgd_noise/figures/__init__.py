"""Figures of chapter 2."""
