"""What the judge as a whole decides, measured: lanes, muting, signals, the bands of vigilantes."""
