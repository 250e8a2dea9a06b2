"""govcredit (政务诚信平台): one folder per capability; imports point down the list in README "Where to look"."""
