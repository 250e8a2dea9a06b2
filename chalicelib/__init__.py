"""govcredit (政务诚信平台): one folder per capability; imports only point down (README)."""
