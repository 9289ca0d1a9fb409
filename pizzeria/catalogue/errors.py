"""What the catalogue refuses."""

from pizzeria.errors import BusinessError


class InvalidRecipe(BusinessError):
    code = "invalid_recipe"
    status = 422
