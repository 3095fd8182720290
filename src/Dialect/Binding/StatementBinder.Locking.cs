using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The restrictions of FOR UPDATE and its kin.</summary>
internal sealed partial class StatementBinder
{
    private static string NameOf(LockStrength strength) => strength switch
    {
        LockStrength.KeyShare => "FOR KEY SHARE",
        LockStrength.Share => "FOR SHARE",
        LockStrength.NoKeyUpdate => "FOR NO KEY UPDATE",
        _ => "FOR UPDATE",
    };

    private static DialectException LockingRefused(LockStrength strength, string construct) =>
        Error(SqlState.FeatureNotSupported, $"{NameOf(strength)} is not allowed with {construct}");

    /// <param name="pushedDown">The clause stands in the query around this one.</param>
    private void CheckLocking(BoundQuery query, RowLocking locking, Scope? scope, bool pushedDown)
    {
        var construct = query.SetOperations is not null ? "UNION/INTERSECT/EXCEPT"
            : query.Distinct.Count > 0 ? "DISTINCT clause"
            : query.GroupBy.Count > 0 ? "GROUP BY clause"
            : query.Having is not null ? "HAVING clause"
            : query.HasAggregates ? "aggregate functions"
            : query.HasWindows ? "window functions"
            : query.HasTargetSets ? "set-returning functions in the target list"
            : null;
        if (construct is not null)
        {
            throw LockingRefused(locking.Strength, construct);
        }

        if (pushedDown || locking.Relations.Count == 0)
        {
            foreach (var entry in query.Relations.OfType<SubqueryEntry>())
            {
                CheckLocking(entry.Query, locking, null, pushedDown: true);
            }

            return;
        }

        foreach (var name in locking.Relations)
        {
            CheckLocked(query, locking, name, scope!);
        }
    }

    private void CheckLocked(BoundQuery query, RowLocking locking, QualifiedName name, Scope scope)
    {
        var strength = NameOf(locking.Strength);
        if (name.Parts.Count > 1)
        {
            throw Error(SqlState.SyntaxError, $"{strength} must specify unqualified relation names", name.Location);
        }

        for (var i = 0; i < query.Relations.Count; i++)
        {
            var entry = query.Relations[i];
            if (!scope.InFrom.Contains(i + 1) || !IsLockable(entry, name.Name))
            {
                continue;
            }

            switch (entry)
            {
                case RelationEntry:
                    return;
                case SubqueryEntry subquery:
                    CheckLocking(subquery.Query, locking, null, pushedDown: true);
                    return;
                default:
                    var what = entry switch
                    {
                        JoinEntry => "a join",
                        FunctionEntry => "a function",
                        CommonTableEntry => "a WITH query",
                        _ => "VALUES",
                    };
                    throw Error(SqlState.FeatureNotSupported, $"{strength} cannot be applied to {what}", name.Location);
            }
        }

        throw Error(
            SqlState.UndefinedTable, $"relation \"{name.Name}\" in {strength} clause not found in FROM clause", name.Location);
    }

    /// <summary>A join without an alias is no relation by name, except under the alias of its USING.</summary>
    private static bool IsLockable(RangeTableEntry entry, string name) => entry switch
    {
        JoinEntry { Alias: null } join => join.UsingAlias == name,
        SubqueryEntry { Alias: null } or ValuesEntry { Alias: null } => false,
        _ => entry.Name == name,
    };
}
