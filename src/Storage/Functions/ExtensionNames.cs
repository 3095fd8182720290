using System.Collections.Frozen;
using System.Runtime.CompilerServices;

namespace Rqlite.Pg.Storage;

/// <summary>What the names of a dialect's functions and tables tell the authorizer.</summary>
internal sealed class ExtensionNames
{
    private static readonly FrozenSet<string> s_ofSqlite = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "json_each", "json_tree");

    private static readonly ConditionalWeakTable<SqlExtensions, ExtensionNames> s_all = [];

    private readonly FrozenDictionary<string, (StatementEffects Effects, AnswerSources Sources)> _functions;
    private readonly FrozenSet<string> _askingTables;
    private readonly FrozenSet<string> _tables;

    private ExtensionNames(SqlExtensions extensions)
    {
        var aggregates = extensions.Aggregates.Select(static a => (a.Name, a.AsksSession, Volatile: false));
        _functions = extensions.Functions.Select(static f => (f.Name, f.AsksSession, Volatile: f.Purity == Purity.Volatile)).Concat(aggregates)
            .Where(static function => function.AsksSession || function.Volatile)
            .GroupBy(static function => function.Name, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(
                static functions => functions.Key,
                static functions => (
                    functions.Any(static function => function.AsksSession) ? StatementEffects.AsksSession : StatementEffects.None,
                    functions.Any(static function => function.Volatile) ? AnswerSources.Random : AnswerSources.None),
                StringComparer.OrdinalIgnoreCase);
        _askingTables = extensions.Tables.Where(static table => table.AsksSession).Select(static table => table.Name)
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _tables = extensions.Tables.Select(static table => table.Name).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>True for a table that every connection has and that a table or view of the same name would hide, from texts of this project too.</summary>
    public bool IsTable(string name) => _tables.Contains(name) || s_ofSqlite.Contains(name)
        || name.StartsWith("pragma_", StringComparison.OrdinalIgnoreCase);

    public static ExtensionNames Of(SqlExtensions extensions) => s_all.GetValue(extensions, static e => new(e));

    public bool HasAskingTables => _askingTables.Count > 0;

    public (StatementEffects Effects, AnswerSources Sources) OfFunction(string name) => _functions.GetValueOrDefault(name);

    public bool Asks(string table) => _askingTables.Contains(table);
}
