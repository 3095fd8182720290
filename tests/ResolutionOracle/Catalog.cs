using System.Globalization;

namespace Rqlite.Pg.ResolutionOracle;

internal sealed record CatalogFunction(string Name, char Kind, string[] Arguments, string[] InputNames, int Defaults, bool Variadic);

internal sealed record CatalogOperator(string Name, string Left, string Right);

/// <summary>What the expressions are made from.</summary>
internal sealed record Catalog(IReadOnlyList<CatalogOperator> Operators, IReadOnlyList<CatalogFunction> Functions)
{
    private const string FunctionsSql = """
        SELECT p.proname, p.prokind,
            coalesce((SELECT string_agg(format_type(t, NULL), '|' ORDER BY n) FROM unnest(p.proargtypes) WITH ORDINALITY AS a(t, n)), ''),
            coalesce((SELECT string_agg(coalesce(p.proargnames[n], ''), '|' ORDER BY n)
                FROM generate_series(1, cardinality(p.proargnames)) AS n
                WHERE p.proargmodes IS NULL OR p.proargmodes[n] IN ('i', 'b', 'v')), ''),
            p.pronargdefaults, p.provariadic <> 0
        FROM pg_proc AS p LEFT JOIN pg_aggregate AS g ON g.aggfnoid = p.oid
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind IN ('f', 'a', 'w') AND coalesce(g.aggkind, 'n') = 'n'
            AND NOT EXISTS (SELECT 1 FROM unnest(p.proargtypes) AS t
                WHERE t IN ('internal'::regtype, 'cstring'::regtype, 'pg_ddl_command'::regtype))
            AND p.proname NOT LIKE 'plpgsql%' AND p.prorettype NOT IN ('internal'::regtype, 'trigger'::regtype, 'event_trigger'::regtype)
        ORDER BY p.proname COLLATE "C", p.oid
        """;

    private const string OperatorsSql = """
        SELECT oprname, coalesce(format_type(nullif(oprleft, 0), NULL), ''), format_type(oprright, NULL)
        FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace ORDER BY oid
        """;

    public static async Task<Catalog> ReadAsync(Recorder recorder) => new(
        [.. (await recorder.ReadAsync(OperatorsSql)).Select(row => new CatalogOperator(row[0], row[1], row[2]))],
        [.. (await recorder.ReadAsync(FunctionsSql)).Select(row => new CatalogFunction(
            row[0], row[1][0], Split(row[2]), Split(row[3]), int.Parse(row[4], CultureInfo.InvariantCulture), row[5] == "t"))]);

    private static string[] Split(string text) => text.Length == 0 ? [] : text.Split('|');
}
