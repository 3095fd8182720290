using System.Text;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>A constraint that a statement has violated, as far as SQLite tells.</summary>
/// <param name="Table">The table that has it, or that the statement changes; null if it is not known.</param>
/// <param name="Constraint">Its name; null if it is not known.</param>
/// <param name="Column">The column that is NULL, for SqlState.NotNullViolation.</param>
public sealed record Violation(string SqlState, string? Schema, string? Table, string? Constraint, string? Column)
{
    /// <summary>
    /// What the statement saw cannot be read any more: it ran behind others of its entry, which have been undone with it. Only what its own values tell
    /// can be said then.
    /// </summary>
    public bool IsApart { get; init; }

    /// <summary>The statement stands in a block: what is now has not changed since, and deferred keys are not checked by it.</summary>
    public bool InBlock { get; init; }
}

/// <summary>
/// A query in PostgreSQL's dialect that finds a row which violates a constraint: SQLite does not tell its values. The result's first column is the row's
/// place among those of the statement, the others are the values that DETAIL shows.
/// </summary>
public sealed class ViolationQuery
{
    // As ExecBuildSlotValueDescription cuts them.
    private const int RowValueBytesMax = 64;

    private readonly string _before;
    private readonly string _after;
    private readonly bool _ofRow;

    internal ViolationQuery(string text, string before, string after, bool ofRow = false) => (Text, _before, _after, _ofRow) = (text, before, after, ofRow);

    public string Text { get; }

    /// <summary>The foreign key that is violated if there is a row, and the table that has it; null for other constraints.</summary>
    public TableKey? Key { get; internal init; }

    /// <summary>The message for <see cref="Key"/>; null for other constraints.</summary>
    public string? Message { get; internal init; }

    /// <summary>The queries for a violation, of which the one whose row comes first tells it; none if nothing certain can be said.</summary>
    /// <param name="statement">The tree of the INSERT, UPDATE or DELETE that has failed.</param>
    /// <param name="types">The types of the statement's parameters.</param>
    /// <exception cref="DialectException">A part of the statement has another meaning elsewhere, so that nothing can be said.</exception>
    public static IReadOnlyList<ViolationQuery> Of(Statement statement, Violation violation, TranslationContext context, ReadOnlySpan<uint> types)
    {
        ArgumentNullException.ThrowIfNull(violation);
        return ChangedRows.Of(statement, violation, context, types) is { } rows ? new ViolationSearch(rows, violation, context).Queries() : [];
    }

    /// <param name="values">As the session shows them.</param>
    public string Detail(IReadOnlyList<string?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return _before + string.Join(", ", values.Select(value => value is null ? "null" : _ofRow ? Cut(value) : value)) + _after;
    }

    private static string Cut(string value)
    {
        if (Encoding.UTF8.GetByteCount(value) <= RowValueBytesMax)
        {
            return value;
        }

        var (bytes, length) = (0, 0);
        foreach (var rune in value.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > RowValueBytesMax)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return value[..length] + "...";
    }
}
