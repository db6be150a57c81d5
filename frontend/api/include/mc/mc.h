/**
 * \file
 * Moment for C, and for whatever calls C: expectations of programs by Monte Carlo.
 *
 *     mc_moment* moment;
 *     mc_report* report;
 *     if (mc_compile("x ~ uniform(0, 1)^10; E[sum(x_i^2)]", NULL, &moment) != MC_OK ||
 *         mc_run(moment, NULL, &report) != MC_OK)
 *       fprintf(stderr, "%s\n", mc_error_text());
 *
 * Handles. What a function gives by its last argument, or mc_..._new and mc_..._copy return, is the caller's,
 * who frees it once by the mc_..._free of its kind; freeing NULL does nothing. Handles do not need each
 * other: a moment or options may be freed while a report of theirs lives on.
 *
 * Errors. A function that can fail returns an mc_status. Where that is not MC_OK, handles to be given are
 * NULL, other results are as they were, and mc_error_text() says why. What a setter refuses, the calls that
 * are given these options refuse too, with the same words, until the same thing is set well: so a program
 * may look at the last status alone. No exception leaves a function of this header, nothing is printed, and
 * the process is never ended. A handle or a text that is NULL where it must
 * not be is an MC_ARGUMENT_ERROR; functions that return no status then return 0, NaN or NULL.
 *
 * Threads. Everything may be called from many threads at once, and with the same moment, report or stop.
 * Options and limits may be read by many calls at once, while nobody changes them. A handle is freed when
 * nobody uses it any more. A child process made by fork() may go on using the library, unless at that moment
 * another thread was inside a call; fork() waits for machine code that is being made behind one, and GPUs
 * that the parent has used are of no use to the child.
 *
 * Texts are UTF-8 and end with a zero. Those that are given are copied. Those that are returned belong to the
 * handle they are asked of, and live as long, if nothing else is said.
 *
 * Structures that are all zeros are good defaults.
 *
 * What all of it means is said in docs/ and <mc/mc.hpp>; every result is the same, bit for bit.
 */
#ifndef MC_MC_H
#define MC_MC_H

#include <stddef.h>
#include <stdint.h>

#include <mc/version.h>

/** \cond */
#if defined(__GNUC__)
#define MC_C_API __attribute__((visibility("default")))
#else
#define MC_C_API
#endif
/** \endcond */

#ifdef __cplusplus
extern "C" {
#endif

/* ---- errors */

/** How a call went. */
typedef enum mc_status {
  MC_OK = 0,             /**< as it should */
  MC_SYNTAX_ERROR = 1,   /**< the text is not a program */
  MC_NAME_ERROR = 2,     /**< a name means nothing here */
  MC_SHAPE_ERROR = 3,    /**< sizes, indices or ranks do not fit */
  MC_ARGUMENT_ERROR = 4, /**< a value or an option is out of its range */
  MC_DEVICE_ERROR = 5,   /**< the asked-for back end or device is not there */
  MC_STOPPED = 6,        /**< a pass over arrays was stopped, so there is no value (a run's is no error) */
  MC_OUT_OF_MEMORY = 7,  /**< there is not enough memory */
  MC_INTERNAL_ERROR = 8  /**< a mistake of Moment's own */
} mc_status;

/** What the last call that failed in this thread returned; MC_OK before the first. */
MC_C_API mc_status mc_error_status(void);
/** Why it failed, in lines, with the place in the program where there is one, and no line's end behind the
 * last; "" before the first. Lives until the next call of the thread that fails. */
MC_C_API const char* mc_error_text(void);
/** How many things were wrong, in the order of the text; 0 for MC_OUT_OF_MEMORY and MC_INTERNAL_ERROR.
 * These five tell of the last call that failed in this thread, and live until the next one. */
MC_C_API size_t mc_error_count(void);
/** What was wrong, without its place; NULL beyond the last. */
MC_C_API const char* mc_error_message(size_t error);
/** What to do, possibly ""; NULL beyond the last. */
MC_C_API const char* mc_error_hint(size_t error);
/** The first byte of its place in the program; both ends are 0 where it has none, or is beyond the last. */
MC_C_API size_t mc_error_begin(size_t error);
/** The byte behind its place. */
MC_C_API size_t mc_error_end(size_t error);

/* ---- versions */

/** The library's: "0.1.0"; lives for ever. MC_VERSION_MAJOR and its like are the header's. */
MC_C_API const char* mc_version(void);
/** The version of the reproducibility contract: results with equal versions are equal bit for bit. */
MC_C_API int mc_contract_version(void);

/* ---- moments: checked programs */

/** A checked program. Runs with the same types share what has been compiled. */
typedef struct mc_moment mc_moment;
/** How large a program may be. */
typedef struct mc_limits mc_limits;

/** A program, or a bare expression with the density of its variable (NULL: uniform on the box). */
MC_C_API mc_status mc_compile(const char* program, const char* density, mc_moment** moment);
/** The same, for text from strangers. limits = NULL: the defaults, which make it safe to compile already. */
MC_C_API mc_status mc_compile_limited(const char* program, const char* density, const mc_limits* limits,
                                      mc_moment** moment);
/** Frees it; what its runs gave lives on. */
MC_C_API void mc_moment_free(mc_moment* moment);

/** How many queries it has: results of a run, or of mc_reduce(). */
MC_C_API size_t mc_moment_query_count(const mc_moment* moment);
/** What a query asks for, as canonical text: "E[max(x)]"; NULL beyond the last. */
MC_C_API const char* mc_moment_query(const mc_moment* moment, size_t query);

/** The defaults. NULL: out of memory. */
MC_C_API mc_limits* mc_limits_new(void);
/** Frees them. */
MC_C_API void mc_limits_free(mc_limits* limits);
/** Sets the limit of this name, "operations" or another one of docs/limits.md. */
MC_C_API mc_status mc_limits_set(mc_limits* limits, const char* name, size_t value);

/* ---- what a call is given. Every setter replaces what was set before. Boxes, views and files are looked at
 * by the setter; whether other values fit, the call finds out. What is one of these enumerations is given as
 * an int, as every language has it. */

/** Who computes; no result depends on it. */
typedef enum mc_backend {
  MC_BACKEND_AUTOMATIC = 0,   /**< the interpreter at once, machine code and a GPU once they are worth it */
  MC_BACKEND_INTERPRETER = 1, /**< needs nothing, and is two to three times slower than machine code */
  MC_BACKEND_LLVM = 2,        /**< machine code of the processor, for which the call waits */
  MC_BACKEND_CUDA = 3         /**< a GPU; MC_DEVICE_ERROR where there is none */
} mc_backend;
/** In what a run computes. */
typedef enum mc_precision {
  MC_PRECISION_F64 = 0, /**< double */
  MC_PRECISION_F32 = 1  /**< float */
} mc_precision;
/** Where random numbers come from. */
typedef enum mc_generator {
  MC_GENERATOR_XOSHIRO256PP = 0, /**< xoshiro256++ */
  MC_GENERATOR_PHILOX4X32 = 1    /**< Philox4x32-10 */
} mc_generator;
/** What a sample does that is not finite. */
typedef enum mc_nonfinite {
  MC_NONFINITE_NAN = 0, /**< it makes the value NaN */
  MC_NONFINITE_DROP = 1 /**< it is left out */
} mc_nonfinite;
/** What an array's numbers are. */
typedef enum mc_type {
  MC_TYPE_F64 = 0,   /**< double */
  MC_TYPE_F32 = 1,   /**< float */
  MC_TYPE_I64 = 2,   /**< int64_t */
  MC_TYPE_I32 = 3,   /**< int32_t */
  MC_TYPE_U8 = 4,    /**< uint8_t */
  MC_TYPE_NUMBER = 5 /**< of an mc_input: no array, but one number beside every datum */
} mc_type;

/** How a run is done. */
typedef struct mc_options mc_options;
/** What a run gave. */
typedef struct mc_report mc_report;
/** Something to stop runs by. */
typedef struct mc_stop mc_stop;
/** Hears how far a call is, with the context that was set with it: `done` samples or data, and `expected`
 * when it ends (0: not known yet, where a target is set). Called in the thread of the call, up to ten times a
 * second for a run and some thousand times for arrays. It must come back: no exception, no longjmp. */
typedef void (*mc_progress)(void* context, uint64_t done, uint64_t expected);

/** Options as a call without any has them: a million samples, seed 1, all cores. NULL: out of memory. */
MC_C_API mc_options* mc_options_new(void);
/** Others that say the same; a view's numbers are not copied. NULL: out of memory, or options are NULL. */
MC_C_API mc_options* mc_options_copy(const mc_options* options);
/** Frees them. */
MC_C_API void mc_options_free(mc_options* options);

/** How many samples, from 1 to 2^63 - 1; the most, where a target is set. If never set: a million, or with a
 * target ten thousand million at most. */
MC_C_API mc_status mc_options_set_samples(mc_options* options, uint64_t samples);
/** Goes on until the standard error of every query is at most `error`, and at most `relative` times the
 * absolute value; 0 leaves one of them out. */
MC_C_API mc_status mc_options_set_target(mc_options* options, double error, double relative);
/** Any number. Runs with the same seed draw the same numbers, so their errors are not independent: give each
 * independent run another seed. To divide one run among processes use mc_options_set_part(). */
MC_C_API mc_status mc_options_set_seed(mc_options* options, uint64_t seed);
/** 0: all cores; at most 1024 are used. */
MC_C_API mc_status mc_options_set_threads(mc_options* options, unsigned threads);
/** An mc_backend. */
MC_C_API mc_status mc_options_set_backend(mc_options* options, int backend);
/** An mc_precision. */
MC_C_API mc_status mc_options_set_precision(mc_options* options, int precision);
/** An mc_generator. */
MC_C_API mc_status mc_options_set_generator(mc_options* options, int generator);
/** An mc_nonfinite. */
MC_C_API mc_status mc_options_set_nonfinite(mc_options* options, int nonfinite);
/** Only part `number` of `of`, counted from 1: see mc_merge(). 1 of 1: all. */
MC_C_API mc_status mc_options_set_part(mc_options* options, uint32_t number, uint32_t of);
/** What a report's run has computed is not computed again; NULL: all is. */
MC_C_API mc_status mc_options_set_from(mc_options* options, const mc_report* report);
/** The same, from what mc_report_partial() gave, in this process or another one. */
MC_C_API mc_status mc_options_set_from_text(mc_options* options, const char* text);
/** Ends runs and passes within milliseconds once it is requested; NULL: nothing does. It may be freed before
 * them. */
MC_C_API mc_status mc_options_set_stop(mc_options* options, const mc_stop* stop);
/** Is called during runs and passes, with this context; NULL: nothing is. */
MC_C_API mc_status mc_options_set_progress(mc_options* options, mc_progress progress, void* context);

/** The box of a bare expression: one interval for all of `dim` coordinates. */
MC_C_API mc_status mc_options_set_cube(mc_options* options, int64_t dim, double lo, double hi);
/** The box of a bare expression: lo[k] to hi[k] for each coordinate. Copied. */
MC_C_API mc_status mc_options_set_box(mc_options* options, size_t dim, const double* lo, const double* hi);
/** No box, as programs with random variables want it. */
MC_C_API mc_status mc_options_clear_box(mc_options* options);

/** A parameter that is a number. */
MC_C_API mc_status mc_options_set_number(mc_options* options, const char* name, double value);
/** A parameter that is a vector. Copied. */
MC_C_API mc_status mc_options_set_vector(mc_options* options, const char* name, const double* values,
                                         size_t size);
/** A parameter that is a matrix, row by row. Copied. */
MC_C_API mc_status mc_options_set_matrix(mc_options* options, const char* name, const double* values,
                                         size_t rows, size_t columns);
/** A parameter whose numbers lie elsewhere and are not copied, of an mc_type: they have to be there,
 * unchanged, while a call uses them. columns = 0: it is a vector. data(A) and rows(A) read them where they
 * are. */
MC_C_API mc_status mc_options_set_view(mc_options* options, const char* name, int type, const void* values,
                                       size_t rows, size_t columns);
/** A parameter that is a file's array: a .npy, which is read where it lies, or columns of text. `columns`
 * chooses some of them by number from 1, or by name: "price,volume"; NULL: all. docs/data.md. */
MC_C_API mc_status mc_options_set_file(mc_options* options, const char* name, const char* path,
                                       const char* columns);
/** No parameters: a program refuses those that it does not have. */
MC_C_API mc_status mc_options_clear_parameters(mc_options* options);

/** Something to stop runs by. NULL: out of memory. */
MC_C_API mc_stop* mc_stop_new(void);
/** Stops them, from any thread (but no signal handler), once and for all. */
MC_C_API void mc_stop_request(mc_stop* stop);
/** Frees it; runs that have it can no longer be stopped. */
MC_C_API void mc_stop_free(mc_stop* stop);

/* ---- runs */

/** All queries from the same samples. options = NULL: as from mc_options_new(). A stopped run gives the valid
 * estimates of what was done. */
MC_C_API mc_status mc_run(const mc_moment* moment, const mc_options* options, mc_report** report);
/** Frees it. */
MC_C_API void mc_report_free(mc_report* report);

/** How many results there are: one for each query, in the program's order. */
MC_C_API size_t mc_report_result_count(const mc_report* report);
/** A result's query, as canonical text; NULL beyond the last. */
MC_C_API const char* mc_report_query(const mc_report* report, size_t result);
/** Its estimate; NaN beyond the last. */
MC_C_API double mc_report_value(const mc_report* report, size_t result);
/** The standard error of that; NaN beyond the last. */
MC_C_API double mc_report_standard_error(const mc_report* report, size_t result);
/** Samples that count for it: finite and, under a condition, fulfilling it. */
MC_C_API uint64_t mc_report_result_samples(const mc_report* report, size_t result);
/** Samples whose value was not finite. */
MC_C_API uint64_t mc_report_nonfinite(const mc_report* report, size_t result);
/** Value and error as physicists write them: "3.33312(94)"; NULL beyond the last. */
MC_C_API const char* mc_report_text(const mc_report* report, size_t result);
/** Where the true value lies with probability `level`, 0 < level < 1. */
MC_C_API mc_status mc_report_interval(const mc_report* report, size_t result, double level, double* lower,
                                      double* upper);

/** How many densities were integrated: each density(g, …), and each unnormalized(g, …). */
MC_C_API size_t mc_report_integral_count(const mc_report* report);
/** Whose density it is; "" of one that stands beside a bare expression; NULL beyond the last. */
MC_C_API const char* mc_report_integral_variable(const mc_report* report, size_t integral);
/** Whether it is claimed to be 1. */
MC_C_API int mc_report_integral_normalized(const mc_report* report, size_t integral);
/** Its estimate; NaN beyond the last. */
MC_C_API double mc_report_integral_value(const mc_report* report, size_t integral);
/** The standard error of that; NaN beyond the last. */
MC_C_API double mc_report_integral_standard_error(const mc_report* report, size_t integral);

/** Samples that were taken. */
MC_C_API uint64_t mc_report_samples(const mc_report* report);
/** Whether a stop came first. */
MC_C_API int mc_report_stopped(const mc_report* report);
/** Whether there was a target, and it was reached. */
MC_C_API int mc_report_reached(const mc_report* report);
/** Seconds the call took. */
MC_C_API double mc_report_seconds(const mc_report* report);
/** How many warnings there are. */
MC_C_API size_t mc_report_warning_count(const mc_report* report);
/** Why a value or an error is not to be trusted, with its query where there are several; NULL beyond the
 * last.
 */
MC_C_API const char* mc_report_warning(const mc_report* report, size_t warning);

/** The samples of the program's only query themselves, the first `count` that a run with these options takes,
 * and, where samples have weights (under a condition, by a density), as many of those; else weights = NULL
 * will do. MC_STOPPED: part of them are written. */
MC_C_API mc_status mc_sample(const mc_moment* moment, const mc_options* options, double* values,
                             double* weights, size_t count);

/** A bare expression's value at one point x of `dim` coordinates, as a sample would have it; its other free
 * names are parameters of the options, of which nothing else is looked at, but for what a setter has refused.
 * For a look at a value: for many points use mc_map(). */
MC_C_API mc_status mc_evaluate(const mc_moment* moment, const double* x, size_t dim,
                               const mc_options* options, double* value);

/* ---- several processes: docs/parts.md */

/** What the run computed, as one line of JSON; free it with mc_text_free(). */
MC_C_API mc_status mc_report_partial(const mc_report* report, char** text);
/** Frees it. */
MC_C_API void mc_text_free(char* text);
/** The report of one run of all samples, from all its parts' texts, in any order. Of one text of a whole run:
 * its report again. */
MC_C_API mc_status mc_merge(const char* const* texts, size_t count, mc_report** report);

/* ---- arrays: a program without random variables, over data */

/** A name, and what it stands for: an array, or, of the type MC_TYPE_NUMBER, `number` beside every datum. */
typedef struct mc_input {
  const char* name; /**< a free one of the program */
  const void* data; /**< the first number; borrowed while the call lasts */
  size_t size;      /**< how many; of none data may be NULL */
  ptrdiff_t stride; /**< how many numbers apart, backwards if negative; 0 means 1 (unlike mc::Input): side by
                       side */
  int type;         /**< an mc_type */
  double number;    /**< for MC_TYPE_NUMBER */
} mc_input;

/** Where results go. */
typedef struct mc_output {
  void* data;       /**< the first number; borrowed while the call lasts */
  size_t size;      /**< how many */
  ptrdiff_t stride; /**< how many numbers apart, backwards if negative; 0 means 1: side by side */
  int type;         /**< MC_TYPE_F64 or MC_TYPE_F32 */
} mc_output;

/** Every expression of the program for every datum: result k of expression e goes to outputs[e]. All arrays
 * have one length. An output may be one of the inputs. Of the options the back end, the threads, the stop and
 * the progress are looked at (and what a setter has refused). MC_STOPPED: part of the outputs are written. */
MC_C_API mc_status mc_map(const mc_moment* moment, const mc_output* outputs, size_t output_count,
                          const mc_input* inputs, size_t input_count, const mc_options* options);

/** The program's reductions (sum(a_i*b_i), max(abs(x))): one result for each of its expressions, as many as
 * mc_moment_query_count(). */
MC_C_API mc_status mc_reduce(const mc_moment* moment, const mc_input* inputs, size_t input_count,
                             double* results, size_t result_count, const mc_options* options);

/** Reductions made ready for arrays of given types: calls look nothing up. */
typedef struct mc_reduction mc_reduction;
/** A program's reductions for arrays of these names and types, an mc_type each. Machine code is made now,
 * which takes milliseconds, or is loaded from disk. The options' parameters, numbers, are bound for good. The
 * moment may be freed before it. */
MC_C_API mc_status mc_bind(const mc_moment* moment, const char* const* names, const int* types, size_t count,
                           const mc_options* options, mc_reduction** reduction);
/** As mc_reduce(), of inputs in the order of mc_bind(), whose names are not looked at. From many threads at
 * once. */
MC_C_API mc_status mc_reduction_run(const mc_reduction* reduction, const mc_input* inputs, size_t input_count,
                                    double* results, size_t result_count, const mc_options* options);
/** Frees it. */
MC_C_API void mc_reduction_free(mc_reduction* reduction);

/* ---- machine code on disk: docs/cache.md */

/** From now on it is kept in this folder, at most so many bytes of it, for the whole process; folder = NULL:
 * it is not kept. A folder that cannot be used is as good as none. */
MC_C_API mc_status mc_use_cache(const char* folder, uint64_t most_bytes);

#ifdef __cplusplus
}
#endif

#endif
