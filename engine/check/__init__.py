"""Is this flow sound?"""
