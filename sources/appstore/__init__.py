"""Customer reviews of Apple's App Store."""
