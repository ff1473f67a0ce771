"""minispark"""
