"""Columns that can hold words and tell nothing of anybody: what the group sells and where, its accounts, how the site is.

Beside `personal_data`: together they name every such column. Codes (a column with `choices`) need not be named.
"""

IMPERSONAL: dict[str, tuple[str, ...]] = {
    # What is sold, and where.
    "stores.City": ("code", "name"),
    "stores.Store": ("slug", "name", "street", "postal_code", "town", "phone", "email", "legal_line", "company", "siret", "vat_number"),
    "stores.SpecialDay": ("reason",),
    "stores.DeliveryZone": ("postal_code",),
    "catalogue.VatRate": ("source",),
    "catalogue.Ingredient": (
        "slug", "name", "name_en", "comment", "allergens", "meat_origin", "meat_origin_en", "look",
    ),
    "catalogue.Size": ("code", "name", "name_en"),
    "catalogue.RecipeChange": ("reason", "before", "after"),
    "promotions.Offer": ("name", "name_en", "code", "weekdays", "fulfilments", "channels"),
    "catalogue.Product": ("slug", "name", "name_en", "description", "description_en", "preparation", "tags"),
    # The accounts: amounts and orders' numbers. It holds nobody's name (decision 16).
    "ledger.Head": ("hash", "closing_hash"),
    "ledger.Entry": ("order", "means", "vat", "lines", "closing", "previous", "hash"),
    "ledger.Closing": ("last_hash", "totals", "perpetual", "previous", "hash"),
    "payments.Refund": ("problem",),  # the provider's code
    "payments.ProviderEvent": ("reference", "kind"),
    # Roles, codes and keys of ours.
    "accounts.ApiToken": ("scopes",),
    "accounts.Mail": ("kind", "site", "language"),
    "accounts.AuditEntry": ("roles", "action"),
    "ordering.Cart": ("code",),
    "ordering.CartLine": ("removed", "extras"),
    "ordering.Draft": ("token",),
    "ordering.AppliedOffer": ("label",),
    "ordering.OrderEvent": ("from_status", "role"),
    "ordering.OrderChange": ("role",),
    "ordering.IdempotencyKey": ("request_digest",),
    "live.LiveEvent": ("topic", "kind", "payload"),  # an order's number and token; gone within a day
    "webhooks.Endpoint": ("url", "statuses"),
    "webhooks.Delivery": ("answered",),
    # The site itself.
    "operations.JobRun": ("path", "host", "release", "message"),
    "supervision.Alert": ("key", "subject", "text"),
    "procrastinate.ProcrastinateJob": ("queue_name", "task_name"),
    "procrastinate.ProcrastinatePeriodicDefer": ("task_name", "periodic_id"),
    "socialaccount.SocialApp": ("provider", "provider_id", "name", "client_id", "secret", "key", "settings"),
    "auth.Permission": ("name", "codename"),
    "auth.Group": ("name",),
    "contenttypes.ContentType": ("app_label", "model"),
}  # fmt: skip
