/* The endpoints. A handler reads its call and leaves an answer; whatever it changes is in
 * the open transaction when it returns. */
#ifndef REMESA_SANDBOX_HANDLERS_H
#define REMESA_SANDBOX_HANDLERS_H

#include "sandbox/call.h"

void users_create(struct call *c);
void users_list(struct call *c);
void users_show(struct call *c);
void users_show_me(struct call *c);
void users_update(struct call *c);
void users_update_me(struct call *c);

void coin_wallets_list(struct call *c);
void coin_wallets_show(struct call *c);
void cash_wallets_list(struct call *c);
void cash_wallets_show(struct call *c);

void instructions_create(struct call *c);
void instructions_list(struct call *c);
void instructions_show(struct call *c);
void instructions_delete(struct call *c);

void cash_withdrawals_create(struct call *c);
void cash_withdrawals_list(struct call *c);
void cash_withdrawals_show(struct call *c);
void coin_withdrawals_create(struct call *c);
void coin_withdrawals_list(struct call *c);
void coin_withdrawals_show(struct call *c);

void issues_create(struct call *c);
void issues_show_current(struct call *c);
void issues_complete(struct call *c);
void issues_complete_current(struct call *c);
void seeds_create(struct call *c);
void seeds_update(struct call *c);
void observations_update(struct call *c);
void attachments_create(struct call *c);

void requests_create(struct call *c);
void requests_ask_quote(struct call *c);
void requests_accept_quote(struct call *c);
void requests_cancel(struct call *c);
void outputs_create(struct call *c);
void estimates_create(struct call *c);

void orderbooks_list(struct call *c);
void tickers_list(struct call *c);
void markets_show(struct call *c);
void trades_of_market_list(struct call *c); /* transactions and candles: none */

void ports_list(struct call *c);
void accounts_list(struct call *c);
void orders_cancel(struct call *c);

#endif
