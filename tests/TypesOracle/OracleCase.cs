namespace Rqlite.Pg.TypesOracle;

/// <summary>A question to PostgreSQL.</summary>
/// <param name="Operation">The key of <see cref="Operations.Sql"/>.</param>
/// <param name="Settings">Settings as <c>name=value;name=value</c>; empty for the defaults.</param>
internal sealed record OracleCase(string Operation, string Settings, params string[] Arguments);
