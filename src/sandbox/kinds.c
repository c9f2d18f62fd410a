#include "sandbox/kinds.h"

#define SEED                                                                             \
    .can = CAN_CREATE | CAN_SHOW | CAN_UPDATE, .seed = true, .shared = true,             \
    .created = true
#define READ .can = CAN_LIST | CAN_SHOW
#define ORDER                                                                            \
    .can = CAN_CREATE | CAN_LIST | CAN_SHOW | CAN_CANCEL,                                \
    .fields = "orderbook_code:" BOOKS "! amount:money! price:money!",                    \
    .currency = "orderbook_code", .filter = "orderbook_code", .state = "pending",        \
    .state_key = "status"
#define BOT                                                                              \
    .can = CAN_CREATE | CAN_LIST | CAN_SHOW | CAN_CANCEL,                                \
    .fields = "orderbook_code:" BOOKS "! amount:money!",                                 \
    .fixed = "{\"chunk_size\":0.1,\"eta\":null,\"executing\":true,"                      \
             "\"to_cancel\":false,\"remaining_amount\":null}",                           \
    .currency = "orderbook_code", .filter = "orderbook_code", .state = "executing"
#define BOOKS "btc_usd|btc_ars|btc_clp|btc_pyg|btc_uyu|bch_usd"
#define PORTS                                                                            \
    "ar_ars|ar_usd|cl_clp|uy_uyu|uy_usd|py_pyg|py_usd|us_usd|mx_mxn|other_usd|other_eur"

const struct kind kinds[] = {
    {.name = KIND_ISSUES,
     .can = CAN_LIST | CAN_SHOW,
     .first_id = 4101,
     .fields = "reason_code:new_client|further_clarification|update_expired_data|"
               "update_by_client|new_risk_information",
     .state = "draft",
     .state_key = "state",
     .shared = true},
    {.name = KIND_OBSERVATIONS,
     .can = CAN_SHOW,
     .first_id = 611,
     .fields = "reply!",
     .shared = true},
    {.name = KIND_DOCKETS,
     SEED,
     .first_id = 5001,
     .one = true,
     .fields = "first_name:short last_name:short nationality:country "
               "gender_code:female|male "
               "marital_status_code:single|married|divorced|widowed|other "
               "job_title job_description politically_exposed:bool "
               "politically_exposed_reason birth_date:date"},
    {.name = "legal_entity_docket_seeds",
     SEED,
     .first_id = 5301,
     .one = true,
     .fields = "industry business_description country:country commercial_name "
               "legal_name"},
    {.name = "identification_seeds",
     SEED,
     .first_id = 6001,
     .fields = "identification_kind_code:passport|social_security_number|voter_card|"
               "tax_id|driver_license|foreign_id|national_id|company_registration "
               "number issuer:country public_registry_authority public_registry_book "
               "public_registry_extra_data"},
    {.name = "domicile_seeds",
     SEED,
     .first_id = 7001,
     .fields = "country:country state city street_address street_number postal_code "
               "floor apartment"},
    {.name = "email_seeds",
     SEED,
     .first_id = 7201,
     .fields = "address email_kind_code:work|personal|invoicing|authentication",
     .reference = "address"},
    {.name = "phone_seeds",
     SEED,
     .first_id = 7401,
     .fields = "number country:country phone_kind_code:main|alternative "
               "has_whatsapp:bool has_telegram:bool note",
     .reference = "number"},
    {.name = "note_seeds",
     SEED,
     .first_id = 7601,
     .fields = "title body!",
     .reference = "title"},
    {.name = "allowance_seeds", SEED, .first_id = 7801, .fields = "kind_code"},
    {.name = "argentina_invoicing_detail_seeds",
     SEED,
     .first_id = 8001,
     .one = true,
     .fields = "full_name! country:country address tax_id "
               "tax_id_kind_code:cuit|cuil|dni|rut|passport receipt_kind_code:a|b "
               "vat_status_code:inscripto|consumidor_final|monotributo|exento"},
    {.name = "chile_invoicing_detail_seeds",
     SEED,
     .first_id = 8201,
     .one = true,
     .fields = "ciudad comuna giro tax_id vat_status_code"},
    {.name = KIND_ATTACHMENTS,
     .can = CAN_SHOW,
     .first_id = 9001,
     .fields = "document_file_name! document_content_type",
     .reference = "document_file_name",
     .shared = true,
     .created = true},
    {.name = KIND_REQUESTS,
     .can = CAN_LIST | CAN_SHOW | CAN_UPDATE,
     .first_id = 1201,
     .fields = "port_code:" PORTS "! external_id payment_authorization_code",
     .fixed = "{\"outputs_count\":0,\"eta\":null,\"quote_requested_at\":null,"
              "\"accept_quote_before\":null,\"quote_accepted_at\":null,"
              "\"total_to_spend\":null,\"funds_available\":false,"
              "\"provision_funds_before\":null,\"cancellation_reason\":null,"
              "\"receipt_url\":null,\"credit_note_url\":null}",
     .reference = "external_id",
     .currency = "port_code",
     .state = "draft",
     .state_key = "state",
     .shared = true},
    {.name = KIND_OUTPUTS,
     .can = CAN_LIST | CAN_SHOW,
     .first_id = 15001,
     .fields = "port_code:" PORTS "! amount:money budget:money",
     .currency = "port_code",
     .parent = "filter[request_id]",
     .state = "accepting",
     .state_key = "state",
     .shared = true},
    {.name = KIND_BIDS, ORDER, .first_id = 36302022},
    {.name = KIND_ASKS, ORDER, .first_id = 36402022},
    {.name = KIND_ORDERS, .can = CAN_LIST, .filter = "orderbook_code"},
    {.name = "buying_bots", BOT, .first_id = 301},
    {.name = "selling_bots", BOT, .first_id = 401},
    {.name = "cash_deposits",
     .can = CAN_CREATE | CAN_LIST | CAN_SHOW,
     .first_id = 2501,
     .fields = "requested_amount:money! deposit_method! currency",
     .currency = "currency",
     .state = "pending",
     .state_key = "status",
     .dated = true},
    {.name = "payments",
     .path = "merchants/payments",
     .can = CAN_CREATE | CAN_LIST | CAN_SHOW,
     .first_id = 901,
     .fields = "amount:money! currency_code merchant_reference customer_reference "
               "callback_url",
     .reference = "merchant_reference",
     .currency = "currency_code",
     .state = "pending",
     .state_key = "status"},
    {.name = "webhooks",
     .can = CAN_CREATE | CAN_LIST | CAN_SHOW,
     .first_id = 11,
     .fields = "url!",
     .reference = "url"},
    {.name = "support_tickets",
     .can = CAN_CREATE,
     .first_id = 71,
     .fields = "subject! body!",
     .reference = "subject"},
    {.name = "coin_deposits", READ, .dated = true},
    {.name = "cash_deposit_instructions", READ},
    {.name = "bitcoin_addresses", READ},
    {.name = "movements", READ},
    {.name = KIND_SENT, READ, .first_id = 3101},
    {.name = KIND_RECEIVED, READ, .first_id = 3301},
    {.name = "buys", READ},
    {.name = "sells", READ},
    {.name = "trades", READ},
    {0},
};

const struct kind *kind_find(struct span name)
{
    for (const struct kind *k = kinds; k->name; k++)
        if (span_is(name, k->name))
            return k;
    return NULL;
}
