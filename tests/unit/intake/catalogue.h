/* A small catalogue for the tests of this floor, made by hand. Static: it is never
 * closed. */
#ifndef TESTS_UNIT_INTAKE_CATALOGUE_H
#define TESTS_UNIT_INTAKE_CATALOGUE_H

#include "lib/check.h"
#include "model/action.h"

#define TEXT(literal) ((char *)(literal)) /* elsewhere the structs own their texts */

static inline struct catalogue test_catalogue(void)
{
    static char *sizes[] = {TEXT("short"), TEXT("long"), NULL};
    static struct action_field user[] = {
        {.name = TEXT("email"), .type = VALUE_EMAIL, .required = true},
        {.name = TEXT("name"), .type = VALUE_TEXT},
    };
    static struct action_field payout[] = {
        {.name = TEXT("amount"), .type = VALUE_DECIMAL, .required = true},
        {.name = TEXT("currency"), .type = VALUE_CURRENCY, .required = true},
        {.name = TEXT("instruction"), .type = VALUE_ID, .required = true},
        {.name = TEXT("label"), .type = VALUE_TEXT},
        {.name = TEXT("paid_on"), .type = VALUE_DATE},
        {.name = TEXT("body.cbu"), .type = VALUE_TEXT},
    };
    static struct action_field look[] = {
        {.name = TEXT("id"), .type = VALUE_ID, .required = true},
        {.name = TEXT("size"), .type = VALUE_CHOICE, .choices = sizes},
        {.name = TEXT("page"), .type = VALUE_INTEGER},
    };
    static char *ports[] = {TEXT("ar_ars"), TEXT("other_usd"), TEXT("plain"), NULL};
    static char *fiats[] = {TEXT("ars"), TEXT("usd"), NULL};
    static char *either[] = {TEXT("payee_gets"), TEXT("payer_spends"), NULL};
    static struct action_field output[] = {
        {.name = TEXT("port"), .type = VALUE_CHOICE, .choices = ports, .required = true},
        {.name = TEXT("payee_gets"), .type = VALUE_DECIMAL},
        {.name = TEXT("payer_spends"), .type = VALUE_DECIMAL},
        {.name = TEXT("memo"), .type = VALUE_TEXT, .max = 4},
        {.name = TEXT("fiat"), .type = VALUE_CURRENCY, .choices = fiats},
        {.name = TEXT("nationality"), .type = VALUE_COUNTRY},
    };
    static struct action actions[] = {
        {.name = TEXT("create_user"),
         .actor = ACTOR_MASTER,
         .tag = TEXT("email"),
         .fields = user,
         .field_count = COUNT_OF(user)},
        {.name = TEXT("create_payout"),
         .actor = ACTOR_USER,
         .tag = TEXT("label"),
         .amount_field = TEXT("amount"),
         .currency_field = TEXT("currency"),
         .fields = payout,
         .field_count = COUNT_OF(payout)},
        {.name = TEXT("get_user"),
         .actor = ACTOR_EITHER,
         .fields = look,
         .field_count = COUNT_OF(look)},
        {.name = TEXT("add_output"),
         .actor = ACTOR_MASTER,
         .one_of = either,
         .amount_field = TEXT("payee_gets"),
         .currency_field = TEXT("port"),
         .currency_part = CURRENCY_LAST,
         .fields = output,
         .field_count = COUNT_OF(output)},
    };
    return (struct catalogue){.actions = actions, .count = COUNT_OF(actions)};
}

#endif
