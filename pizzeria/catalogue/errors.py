"""What the catalogue refuses."""

from pizzeria.errors import BusinessError


class InvalidRecipe(BusinessError):
    code = "invalid_recipe"
    status = 422


class InvalidPlan(BusinessError):
    """A price that cannot be planned like this."""

    code = "invalid_plan"
    status = 422


class RecipeChanged(BusinessError):
    """Somebody else has changed it since it was read."""

    code = "recipe_changed"


class InvalidIngredient(BusinessError):
    """`details["field"]` names what is wrong."""

    code = "invalid_ingredient"
    status = 422


class IngredientChanged(BusinessError):
    code = "ingredient_changed"
