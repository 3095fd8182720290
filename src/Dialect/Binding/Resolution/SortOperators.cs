using Rqlite.Pg.Dialect.Data;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The operators by which values of a type are ordered and compared; null for those that the type lacks.</summary>
internal sealed record SortOperators(PgOperator? Less, PgOperator? Equal, PgOperator? Greater);
