#include <mc/mc.h>
#include <stdio.h>

int main(void) {
  mc_moment* moment = NULL;
  mc_report* report = NULL;
  mc_options* options = mc_options_new();
  mc_options_set_cube(options, 10, 0.0, 1.0);
  mc_options_set_backend(options, MC_BACKEND_LLVM);
  if (mc_compile("sum(x_i^2)", NULL, &moment) == MC_OK && mc_run(moment, options, &report) == MC_OK)
    puts(mc_report_text(report, 0));
  puts(mc_version());
  if (mc_compile("sum(x_i^2", NULL, &moment) == MC_SYNTAX_ERROR) puts("refused");
  return 0;
}
