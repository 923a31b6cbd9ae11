/* What is asked of the recorder's file. */
#ifndef LIQMAP_RECORD_STATEMENT_H
#define LIQMAP_RECORD_STATEMENT_H

enum statement {
    PUT_STATISTICS,
    PUT_LIQUIDATION,
    PUT_COVER,
    PUT_PUBLICATION,
    PUT_LEVEL,
    GET_STATISTICS,
    GET_LIQUIDATIONS,
    GET_COVERS,
    GET_PUBLICATIONS,
    ALL_STATISTICS,
    ALL_LIQUIDATIONS,
    ALL_COVERS,
    ALL_PUBLICATIONS,
    GET_LEVELS,
    GET_NEWEST,
    STATEMENTS
};

extern const char *const liq_statements[STATEMENTS];

#endif
