/**
 * \file
 * The version of these headers, for the preprocessor. mc::version() and mc_version() tell the library's.
 */
#ifndef MC_VERSION_H
#define MC_VERSION_H

/** 0.1.0 is 0, 1 and 0. Versions that differ in the first two are two libraries, until the first is 1. */
#define MC_VERSION_MAJOR 0
#define MC_VERSION_MINOR 1 /**< \copydoc MC_VERSION_MAJOR */
#define MC_VERSION_PATCH 0 /**< \copydoc MC_VERSION_MAJOR */

#endif
