namespace Rqlite.Pg.Wire.Session;

/// <summary>pg_prepared_statements and pg_cursors of one session.</summary>
internal static class SessionViews
{
    public static IEnumerable<IReadOnlyDictionary<string, object?>> Statements(SessionState session) => session.Statements.Named.Select(
        static statement => new Dictionary<string, object?>
        {
            ["name"] = statement.Name,
            ["statement"] = statement.Plan.Part?.Source ?? "",
            ["prepare_time"] = SessionActivity.Text(statement.Created),
            ["parameter_types"] = $"[{string.Join(',', statement.Plan.ParameterTypes)}]",
            ["from_sql"] = statement.FromSql ? 1L : 0L,
            ["generic_plans"] = 0L,
            ["custom_plans"] = 0L,
        });

    public static IEnumerable<IReadOnlyDictionary<string, object?>> Portals(SessionState session) => session.Portals.All.Select(
        static portal => new Dictionary<string, object?>
        {
            ["name"] = portal.Name,
            ["statement"] = portal.Plan.Part?.Source ?? "",
            ["is_holdable"] = portal.Declared is { IsHoldable: true } ? 1L : 0L,
            ["is_binary"] = portal.Declared is { IsBinary: true } ? 1L : 0L,
            ["is_scrollable"] = portal.Declared is { IsScrollable: true } ? 1L : 0L,
            ["creation_time"] = SessionActivity.Text(portal.Created),
        });
}
