"""What the catalogue refuses."""

from pizzeria.errors import BusinessError


class InvalidRecipe(BusinessError):
    code = "invalid_recipe"
    status = 422


class InvalidPlan(BusinessError):
    """A price that cannot be planned like this."""

    code = "invalid_plan"
    status = 422
