# The largest of ten, from Python through <mc/mc.h>. What docs/embedding.md shows. Run by tests/docs.
import ctypes, sys

mc = ctypes.CDLL(sys.argv[1] if len(sys.argv) > 1 else "libmc.so.0.1")
mc.mc_error_text.restype = mc.mc_report_text.restype = ctypes.c_char_p
moment, report = ctypes.c_void_p(), ctypes.c_void_p()
if mc.mc_compile(b"x ~ uniform(0, 1)^10; E[max(x)]", None, ctypes.byref(moment)) != 0 or \
   mc.mc_run(moment, None, ctypes.byref(report)) != 0:
    sys.exit(mc.mc_error_text().decode())
print(mc.mc_report_text(report, ctypes.c_size_t(0)).decode())
mc.mc_report_free(report)
mc.mc_moment_free(moment)

# prints
# 0.909095(83)
