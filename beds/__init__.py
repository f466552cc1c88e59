"""Bed allocation for survivors of trafficking in England and Scotland.

The tool advises; people decide.
"""
