-- A setting as a number inside a query: empty while it is not set, so that whatever depends on it stays empty too.
CREATE MACRO setting(wanted) AS (SELECT TRY_CAST(s.value AS DOUBLE) FROM settings s WHERE s.key = wanted);
