using Rqlite.Pg.Dialect.Data;

namespace Rqlite.Pg.FunctionOracle;

/// <summary>A call of a function.</summary>
/// <param name="Types">The actual types of the arguments.</param>
/// <param name="Settings"><c>name=value;name=value</c>; for aggregates and window functions also <c>window=…</c>, the frame that they move over.</param>
/// <param name="Arguments">
/// The texts of the arguments, null for NULL. An aggregate has its direct arguments first and then row after row of aggregated ones.
/// </param>
internal sealed record FunctionCase(PgFunction Function, uint[] Types, string Settings, string?[] Arguments);
