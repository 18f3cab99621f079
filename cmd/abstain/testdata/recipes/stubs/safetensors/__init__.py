"""Stands in for safetensors where it is not installed."""
