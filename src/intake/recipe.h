/* A recipe: how one line of a simple CSV becomes several jobs that use each other. It is
 * data (recipes/, --recipes FILE); the format is described in recipes/README.md.
 *
 * Strict, as the catalogue is: an unknown member, a wrong type or a name that nobody has is
 * ERR_CONFIG with file, recipe, step and member in the text. */
#ifndef REMESA_INTAKE_RECIPE_H
#define REMESA_INTAKE_RECIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/embed.h"
#include "base/err.h"
#include "base/span.h"
#include "model/action.h"

#define RECIPE_FILE_MAX   (1024 * 1024)
#define RECIPE_DIGEST_MAX 9 /* eight hex digits and the NUL */

enum step_scope {
    STEP_BEFORE, /* once, before the rows */
    STEP_ROW,
    STEP_AFTER,
};

/* A text with places in it. */
struct template
{
    bool uses_step; /* "@step...": the pieces come after the step's ref */
    bool is_name;   /* "@{column}": it is a ref that they make, or # and an id */
    size_t step;    /* of recipe.steps */
    struct piece {
        char *text; /* NULL: a column */
        size_t column;
    } * pieces;
    size_t piece_count;
};

struct step_param {
    char *field;
    struct template value;
    const struct action_field *takes; /* recipe_check */
};

struct step_need {
    size_t step; /* of recipe.steps */
    bool each;   /* that of every line, and not one job */
    bool is_soft;
};

struct step {
    enum step_scope scope;
    char *name;
    char *action;
    bool has_actor;
    struct template on_behalf_of;
    struct step_need *needs;
    size_t need_count;
    size_t *when; /* of recipe.columns; none: in every row */
    size_t when_count;
    char *once_per; /* as written; NULL: a job of its own for each row */
    struct template shared_by;
    bool kept; /* a known job is used whatever its content */
    struct step_param *params;
    size_t param_count;
    const struct action *does; /* recipe_check */
};

/* The first two are no columns of the recipe's own. */
#define RECIPE_REF   0
#define RECIPE_BATCH 1
#define RECIPE_OWN   2

struct recipe_column {
    char *name;
    bool of_rows;
    bool of_batch; /* a step that stands for all rows uses it: it comes from --set */

    /* recipe_check */
    bool required;
    bool names_user;                  /* it is the value of an on_behalf_of */
    bool names_shared;                /* by it lines share a job */
    const struct action_field *fills; /* the first field that it is the value of */
};

struct recipe {
    char *name;
    char *summary;
    char digest[RECIPE_DIGEST_MAX]; /* of its text: which one of a name it was */
    struct step *steps;             /* before, rows, after; each after those it uses */
    size_t step_count;
    struct recipe_column *columns;
    size_t column_count;
};

struct recipe_book {
    struct recipe *recipes;
    size_t count;
};

/* The files that the program carries; the last row's name is NULL. */
const struct embed *recipe_builtin(void);

/* Adds the recipes of `json` to *b (zeroed before the first call, recipe_book_close at the
 * end); one of a known name replaces it. `name` is the file's, for messages. */
int recipe_read(struct recipe_book *b, struct span json, const char *name,
                struct err *err);

/* The built-in ones, then those of `file` unless it is NULL. *b is zeroed first, and the
 * caller's to close whatever is returned. ERR_NOINPUT, ERR_IO, ERR_CONFIG. */
int recipe_book_open(struct recipe_book *b, const char *file, struct err *err);
void recipe_book_close(struct recipe_book *b);

/* ERR_USAGE with the nearest name when there is none. The pointer is good until the next
 * reading. */
int recipe_find(const struct recipe_book *b, const char *name, struct recipe **out,
                struct err *err);

/* Against the catalogue, which must live as long: every action and field is known, and
 * what an action requires is given. Fills what is marked recipe_check above. */
int recipe_check(struct recipe *r, const struct catalogue *c, struct err *err);

/* The column that a person has to look at when this value is wrong; NULL: there is none. */
const char *recipe_column_of(const struct recipe *r, const struct template *t);

#endif
