/* An action of the catalogue: how a job becomes an HTTP request and how its answer is
 * read.
 *
 * The catalogue is data (actions/bitex/, --actions FILE); `api/catalogue` reads it
 * into these structs, and nothing changes them after. The format is described in
 * actions/README.md. */
#ifndef REMESA_MODEL_ACTION_H
#define REMESA_MODEL_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "model/rate.h"

enum value_type {
    VALUE_TEXT,
    VALUE_DECIMAL,  /* an exact amount */
    VALUE_CURRENCY, /* letters and digits */
    VALUE_INTEGER,
    VALUE_BOOLEAN, /* true or false */
    VALUE_DATE,    /* YYYY-MM-DD */
    VALUE_EMAIL,
    VALUE_COUNTRY,  /* country.h */
    VALUE_ID,       /* of a remote resource: digits, letters, '-' and '_' */
    VALUE_CHOICE,   /* one of `choices` */
    VALUE_JSON,     /* JSON text, sent as it is */
    VALUE_METHOD,   /* an HTTP method, for the generic request */
    VALUE_FILE,     /* the name of a file, whose bytes are sent (document.h) */
    VALUE_SECRET,   /* a password: gone from the database when its job is taken or over */
    VALUE_ONE_TIME, /* a one-time password, six to eight digits: the same */
    VALUE_PATH,     /* a path under the base URL with an optional query, for the generic
                      request */
};

enum field_place {
    FIELD_ATTRIBUTE,    /* data.attributes.NAME; dots nest */
    FIELD_RELATIONSHIP, /* data.relationships.NAME.data = {type, id} */
    FIELD_PATH,         /* {NAME} in the path template */
    FIELD_QUERY,        /* filter or page parameter of a read */
    FIELD_REQUEST,      /* method, path, body, version of the generic request */
    FIELD_HEADER,       /* the header that `header` names */
    FIELD_LIMIT,        /* not sent: the job goes out only within it */
};

/* What a file says of itself. */
enum fills {
    FILLS_NAME,  /* without its folder */
    FILLS_MEDIA, /* "image/png" */
    FILLS_SIZE,  /* in bytes */
    FILLS_COUNT,
};

struct action_field {
    char *name; /* the CSV column */
    char *help; /* for a person; may be NULL */
    enum value_type type;
    enum field_place place;
    bool required;
    bool as_string;      /* a decimal goes on the wire as "1.50" instead of 1.50 */
    char *resource_type; /* FIELD_RELATIONSHIP: its JSON:API type */
    char **
        choices; /* VALUE_CHOICE: ended by NULL; VALUE_CURRENCY may have them; VALUE_FILE:
                       the kinds of file that are taken, as media types */
    int64_t max; /* characters of a text, bytes of a file; 0: no limit of its own */
    int64_t digits;           /* a text of so many digits and nothing else; 0: any */
    char *fills[FILLS_COUNT]; /* VALUE_FILE: fields that get what the file says of itself
                                 when their cells are empty; NULL: none */
    char *header;             /* FIELD_HEADER: its name */
    char *sample;             /* a good value to show; NULL: one by its type */
};

enum action_actor {
    ACTOR_MASTER, /* never on behalf of a user */
    ACTOR_USER,   /* always on behalf of a user */
    ACTOR_EITHER,
};

enum action_answer {
    ANSWER_RESOURCE, /* data is one object: type, id, attributes */
    ANSWER_LIST,     /* data is an array */
    ANSWER_NOTHING,  /* 204, or a body that nobody reads */
    ANSWER_ANY,      /* the generic request: any complete 2xx */
};

/* Where in the answer the rows are that a lost one is looked for among. */
enum find_place {
    FIND_LIST,     /* data is an array */
    FIND_INCLUDED, /* data is an array too, and what it includes is looked through */
    FIND_RESOURCE, /* data is the one resource that the job changes */
};

/* How a job whose answer was lost is looked up: the list that is asked, and how its rows
 * are told apart. */
struct action_find {
    char *path; /* of the list, under the base URL; "{sent_on}" stands for the UTC date of
                     the day before the attempt, "{NAME}" for the id that was sent in that
                     field; NULL: it cannot be looked up */
    enum find_place in;
    char *
        *match;  /* fields that a row must carry, equal to what was sent; ended by NULL */
    char **also; /* the same for those of them that were sent; NULL: none */
    char **states; /* FIND_RESOURCE: it is in one of these only by the job; else NULL */
    char *since;   /* into the row, to when it was made, such as "/attributes/created_at";
                     NULL: not looked at */
    bool resend;   /* proved absent, it is sent again by itself; else a person is asked */
};

/* Which piece of the currency field's value is the currency. */
enum currency_part {
    CURRENCY_WHOLE,
    CURRENCY_FIRST, /* "btc_usd": btc */
    CURRENCY_LAST,  /* "btc_usd": usd */
};

/* How an accepted job is watched until it is final, beside its good and bad states. */
struct action_follow {
    char *one; /* path of the resource alone, with "{id}"; NULL: it cannot be asked for */
    char *list; /* path of a list that tells of many: "{sent_on}" and "{NAME}" as in find;
                   NULL: there is none */
    int64_t first_ms, most_ms; /* from one look to the next; doubles from the one to the
                                  other */
    char *reason;     /* into the resource, to why it failed; NULL: it tells none */
    bool by_master;   /* it asks for itself, whoever the job acted for */
    bool frees_early; /* accepted is enough for the jobs that need it */
};

/* What must be so before the job is sent, in what another one got. */
struct action_limit {
    char *pointer; /* into that answer's resource, to a number */
    char *field;   /* that holds the most that it may be */
};
struct action_require {
    char *of; /* the field whose '@ref' names the other job; NULL: nothing is required */
    char **states; /* it must be in one of these; NULL: not looked at */
    char *before;  /* JSON pointer to a time that must be ahead; NULL: not looked at */
    struct action_limit *limits;
    size_t limit_count;
};

struct action {
    char *name;
    char *family; /* what it belongs to, for lists: the name of the file that has it */
    char *summary;
    char *method;  /* "GET", "POST", "PATCH", "DELETE"; NULL: the job says it */
    char *path;    /* "/cash_withdrawals/{id}"; NULL: the job says it */
    char *version; /* of the endpoint, for the Version header; NULL: none is sent */
    enum action_actor actor;
    bool actor_in_body;  /* the user acted for stands in relationships.user, not in the
                           Authorization header */
    char *resource_type; /* JSON:API type of what is sent and answered; NULL: none */
    enum action_answer answer;
    bool repeat_safe; /* sending it twice has no second effect; every GET is */
    bool bare_body;   /* the JSON body is the job's own, not a JSON:API document */
    char *tag;        /* field that carries the ref when its cell is empty; NULL: none */
    char *amount_field; /* with currency_field, what counts as the job's money; both or
                           none */
    char *currency_field;
    enum currency_part currency_part;
    char **
        payee; /* fields that say who gets it; ended by NULL; NULL: nobody in particular */
    char **one_of;       /* fields of which a job gives exactly one; NULL: none */
    char *state_pointer; /* into the answer's resource, such as "/attributes/status";
                            NULL: none */
    char *
        *final_good; /* states that mean success; with them an accepted job is followed */
    char **final_bad;
    struct action_follow follow;
    int64_t milli_rate; /* of its endpoint alone, as settings.h; 0: none */
    int budget; /* of the catalogue, 1 to budget_count, shared by its endpoint; 0: none */
    struct action_find find;
    struct action_require require;
    struct action_field *fields;
    size_t field_count;
};

struct catalogue {
    struct action
        *actions; /* in the order they were read; a later file replaces by name */
    size_t count;
    int64_t budget_rates[RATE_BUDGETS_MAX];
    int budget_count;
    const char *
        folder; /* where the files lie that relative cells of type file name; NULL: in the current one. Borrowed */
    const char *
        tag_email; /* form of the tags of type email (settings.h); NULL: the ref as it is. Borrowed */
};

const struct action *catalogue_find(const struct catalogue *c, struct span name);
const struct action_field *action_field(const struct action *a, struct span column);
bool action_field_is_secret(const struct action_field *f);
const struct action_field *action_one_time(
    const struct action *a); /* that takes a one-time password; NULL: none does */
bool action_is_followed(const struct action *a);
bool action_is_polled(
    const struct action *a); /* and the API is asked what became of it */
bool action_is_one_of(const struct action *a, const char *field); /* is it in one_of? */

/* The currency in the text of a->currency_field. */
struct span action_currency(const struct action *a, struct span text);

void action_close(struct action *a);
void catalogue_close(struct catalogue *c);

const char *
value_type_name(enum value_type type); /* the word that the catalogue file uses */
bool value_type_parse(struct span word, enum value_type *out);

/* Does `text` have the form of this field? Cells that begin with '@' are resolved before.
 * On false, *want says what is expected, for a sentence "...: <want>"; owned by the
 * callee, static. */
bool action_field_accepts(const struct action_field *f, struct span text,
                          const char **want);

/* A good value to show a person, of the field's own or by its type. */
const char *action_field_sample(const struct action_field *f);

/* Does the shortest good row have it: is it required, or the first of one_of? */
bool action_field_is_shown(const struct action *a, const struct action_field *f);

#endif
