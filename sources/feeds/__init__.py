"""Reading feeds: RSS, Atom, JSON Feed, lists of feeds, and the feeds of a site."""
