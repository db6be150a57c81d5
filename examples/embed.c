/* A call option's price, from C. What docs/embedding.md shows. Run by tests/docs. */
#include <mc/mc.h>
#include <stdio.h>

int main(void) {
  mc_moment* moment = NULL;
  mc_report* report = NULL;
  mc_options* options = mc_options_new();
  mc_options_set_number(options, "K", 105); /* what a setter refuses, mc_run refuses too */
  mc_status status = mc_compile("z ~ normal(0, 1); E[max(100*exp(0.2*z - 0.02) - K, 0)]", NULL, &moment);
  if (status == MC_OK) status = mc_run(moment, options, &report);
  if (status == MC_OK)
    printf("%s = %s\n", mc_report_query(report, 0), mc_report_text(report, 0));
  else
    fprintf(stderr, "%s\n", mc_error_text());
  mc_report_free(report);
  mc_options_free(options);
  mc_moment_free(moment);
  return status;
}

/* prints
E[max(100*exp(0.2*z - 0.02) - K, 0)] = 5.903(12)
*/
