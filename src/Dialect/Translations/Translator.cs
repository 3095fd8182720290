using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Definitions;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>What a translation depends on besides the statement's text and the types of its parameters.</summary>
/// <param name="SearchPath">The schemas of search_path as they were set.</param>
public sealed record TranslationContext(ISchema Schema, IReadOnlyList<string> SearchPath, string User, string Database)
{
    /// <summary>
    /// Literals become parameters of the steps where no more than values depends on them, so that the translation serves other texts as well: see
    /// <see cref="LiftedLiteral"/> for which.
    /// </summary>
    public bool LiftsLiterals { get; init; }

    /// <summary>
    /// The session's settings and the start of its transaction, by which a definition reads the literals that it keeps: <c>DEFAULT 'now'</c> is the moment
    /// of CREATE TABLE. Null to leave such literals to the sessions that use the definition.
    /// </summary>
    public ValueContext? Moment { get; init; }

    /// <summary>The schema is the last one that was committed, by which sessions may share translations.</summary>
    public bool IsShared { get; init; }

    /// <summary>The schema is that of a transaction which may be undone: another one may have its version then.</summary>
    public bool MayBeUndone { get; init; }
}

/// <summary>Translates statements of PostgreSQL's dialect to SQLite's. A pure function of the text, the schema and the session's names.</summary>
public static class Translator
{
    /// <summary>The tree of a statement.</summary>
    /// <exception cref="DialectException">The text is no single statement of PostgreSQL's grammar. Positions are those in <paramref name="text"/>.</exception>
    public static Statement Parse(string text) => Parser.Parse(text) is [Statement statement]
        ? statement
        : throw new DialectException(SqlState.SyntaxError, "a statement was expected", 1);

    /// <summary>Translates a query, a change of data or a definition.</summary>
    /// <param name="statement">The tree of <paramref name="text"/>.</param>
    /// <param name="declared">The types that the client gave to <c>$1</c> and those behind it; 0 for those it left open.</param>
    /// <returns>Null for a statement of another kind.</returns>
    /// <exception cref="DialectException">The statement is wrong, or cannot be carried out (0A000). Positions are those in <paramref name="text"/>.</exception>
    public static Translation? Translate(Statement statement, string text, TranslationContext context, ReadOnlySpan<uint> declared)
    {
        ArgumentNullException.ThrowIfNull(context);
        return TranslateWhole(statement, text, context, declared) is not { } translation ? null
            : LongNames.Of(text) is { Count: > 0 } cut ? translation with { Notices = [.. cut, .. translation.Notices] }
            : translation;
    }

    private static Translation? TranslateWhole(Statement statement, string text, TranslationContext context, ReadOnlySpan<uint> declared)
    {
        if (statement is not (Query or InsertStatement or UpdateStatement or DeleteStatement))
        {
            return DefinitionTranslator.Translate(statement, text, context, declared);
        }

        var parameters = new ParameterTypes(declared);
        var literals = context.LiftsLiterals ? LiteralTokens.Of(text) : null;
        var bind = new BindContext(context.Schema, context.SearchPath, parameters)
        {
            User = context.User,
            Database = context.Database,
            Text = text,
            Literals = literals,
        };
        var bound = Binder.Bind(statement, text, bind);
        var query = bound.Query;
        if (query.Into is { } into)
        {
            return new TableFromQuery(new Definition(text, context with { Moment = null }, declared)).Translate(bound, into);
        }

        var lowering = CatalogExpressions.Lowering(context.Schema, text) with { HasMoment = true };
        var (stored, calls) = ResultCallExtraction.Extract(query, lowering);
        var lowered = Lowerer.Lower(
            stored, literals is null ? lowering : lowering with { Lifting = new LiteralLifting(literals, context.Schema) });
        return new Translation(lowered.Steps, lowered.Answer, TagOf(query.Kind), bound.Parameters, ColumnsOf(query))
        {
            SchemaVersion = context.Schema.Version,
            Target = query.Result > 0 ? (query.Relations[query.Result - 1] as RelationEntry)?.Relation : null,
            Changed = query.Kind == QueryKind.Update ? [.. query.Targets.Where(static target => !target.Junk).Select(static target => target.Number)] : [],
            Locking = query.Locking,
            AsksSession = lowered.AsksSession,
            Counts = lowered.Counts,
            Calls = calls,
            Notices = bound.Notices,
        };
    }

    /// <summary>The words for a statement that cannot be carried out, where its tag says less; null otherwise.</summary>
    public static string? NameOf(Statement statement) => statement switch
    {
        CreateCompositeTypeStatement => "CREATE TYPE of a composite type",
        CreateRangeTypeStatement => "CREATE TYPE of a range type",
        DropStatement drop => "DROP " + KindNames.Of(drop.Kind),
        CopyStatement { From: true } => "COPY FROM",
        _ => null,
    };

    private static string TagOf(QueryKind kind) => kind switch
    {
        QueryKind.Insert => "INSERT",
        QueryKind.Update => "UPDATE",
        QueryKind.Delete => "DELETE",
        _ => "SELECT",
    };

    private static ResultColumn[]? ColumnsOf(BoundQuery query)
    {
        var written = PaddedLengths.Of(query);
        ResultColumn[] columns =
        [
            .. query.Visible.Select((target, i) => new ResultColumn(target.Name ?? "?column?", target.Value.Type, target.TableOid, target.TableColumn)
            {
                Written = written[i],
            }),
        ];
        return query.Kind != QueryKind.Select && columns.Length == 0 ? null : columns;
    }
}
