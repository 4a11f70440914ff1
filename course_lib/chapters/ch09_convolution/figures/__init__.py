"""Figures of chapter 9."""
