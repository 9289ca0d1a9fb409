"""The categorical update's components (6.1): what controller.ini asks for, checked before anything is changed."""
