/* A stranger's program: it knows the installed header and nothing else. */
#include <remesa/remesa.h>
#include <stdio.h>
#include <string.h>

static bool count(void *ctx, const struct remesa_cell *cells, int cell_count)
{
    (void)cells, (void)cell_count;
    ++*(int *)ctx;
    return true;
}

int main(int argc, char **argv)
{
    struct remesa *r = remesa_new(argv[1]);
    struct remesa_import what = {.path = argv[2]};
    struct remesa_imported got;
    int rows = 0;
    if (argc != 3 || remesa_import(r, &what, &got) ||
        remesa_report(r, "results", got.batch, 0, count, &rows)) {
        fprintf(stderr, "%s\n", remesa_error(r));
        return 1;
    }
    printf("%s: %d jobs in %s\n", remesa_version(), rows, got.batch);
    int wrong = rows != got.jobs || remesa_set(r, "rate", "fast") == 0 ||
                !strstr(remesa_error(r), "rate") || remesa_exit_status(r) != 78;
    remesa_free(r);
    return wrong;
}
