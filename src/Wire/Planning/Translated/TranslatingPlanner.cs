using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning.PassThrough;
using Rqlite.Pg.Wire.Values;
using LiteralTokens = Rqlite.Pg.Dialect.Syntax.LiteralTokens;

namespace Rqlite.Pg.Wire.Planning.Translated;

/// <summary>
/// Translates queries and changes of data from PostgreSQL's dialect, for sessions that ask for it; all other statements are passed through.
/// </summary>
internal sealed class TranslatingPlanner(PassThroughPlanner passThrough, ILogger logger) : IStatementPlanner
{
    private const string EndOfInput = "syntax error at end of input";

    private readonly TranslationCache _cache = new();

    public IReadOnlyList<StatementPart> Parse(string text, IPlanningSession session, int statementsMax = int.MaxValue)
    {
        if (!session.Translates)
        {
            return PassThroughPlanner.Parse(text, statementsMax);
        }

        var literals = text.Length <= TranslationCache.LengthMax ? LiteralsOf(text) : null;
        var key = literals?.Shape();
        if (key is not null && _cache.Find(key) is { } shape)
        {
            return [new ShapedPart(text, literals!, shape, null, ParseOne)];
        }

        var statements = SqlParser.Parse(text, statementsMax, translated: true);
        var parts = new StatementPart[statements.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            var parsed = statements[i];
            parts[i] = new PassThroughPart(
                parsed, TreeOf(parsed), SqlParser.BodyOf(parsed.Command) is { } body ? new PassThroughPart(body, TreeOf(body)) : null);
        }

        return key is not null && parts is [PassThroughPart { Tree: not null, Parsed.Copy: null } part]
            ? [new ShapedPart(text, literals!, new TextShape(key, part.Tag, part.ParameterCount), part, ParseOne)]
            : parts;
    }

    public async ValueTask<PlannedStatement> PlanAsync(
        StatementPart? part, ReadOnlyMemory<uint> declared, IPlanningSession session, bool behindWrites = false)
    {
        if (part?.Command is DeclareCursor)
        {
            var query = await PlanAsync(part.Body, declared, session, behindWrites).ConfigureAwait(false);
            var command = (PassThroughStatement)await passThrough.PlanAsync(part, query.ParameterTypes, session, behindWrites).ConfigureAwait(false);
            return command with { Query = query, ParameterTypes = query.ParameterTypes, Bytes = command.Bytes + query.Bytes };
        }

        var shaped = part as ShapedPart;
        if (shaped is null && part is not PassThroughPart { Tree: not null })
        {
            var passed = await passThrough.PlanAsync(part, declared, session, behindWrites).ConfigureAwait(false);
            return session.Translates && Defines(part) ? (PassThroughStatement)passed with { Defines = true } : passed;
        }

        var context = await session.TranslationAsync().ConfigureAwait(false);
        if (shaped is not null && (_cache.Find(shaped.Shape.Key) ?? shaped.Shape).Find(shaped, context, declared.Span) is { } known)
        {
            WireMetrics.PlanCacheHits.Add(1);
            return known;
        }

        WireMetrics.PlanCacheMisses.Add(1);
        var (parsed, tree) = shaped?.Parsed is { } whole ? (whole.Parsed, whole.Tree!) : (((PassThroughPart)part!).Parsed, ((PassThroughPart)part).Tree!);
        Translation translation;
        try
        {
            translation = Translate(parsed, tree, context with { LiftsLiterals = shaped is not null }, declared.Span);
        }
        catch (DialectException e) when (e.SqlState != SqlState.SyntaxError)
        {
            // Another node may have just defined, changed or dropped what the statement names, or the types that its literals are read as.
            var version = context.Schema.Version;
            if (!await session.CatchUpAsync().ConfigureAwait(false))
            {
                throw;
            }

            context = await session.TranslationAsync().ConfigureAwait(false);
            if (context.Schema.Version == version)
            {
                throw;
            }

            translation = Translate(parsed, tree, context with { LiftsLiterals = shaped is not null }, declared.Span);
        }

        var shapes = new StatementShape[translation.Steps.Count];
        for (var i = 0; i < shapes.Length; i++)
        {
            var step = translation.Steps[i];
            shapes[i] = step.Internal ? StatementShape.Command
                : await session.DescribeAsync(new Statement(Encoding.UTF8.GetBytes(step.Sql), default)).ConfigureAwait(false);
            if (shapes[i].Error is { } error)
            {
                if (PrepareErrors.From(error.Message) is { } refusal)
                {
                    throw refusal;
                }

                if (!SqliteCode.IsOfText(error.ResultCode))
                {
                    throw new PgException(ErrorMapping.From(error, 0, parsed.CommandTag, cancelled: false));
                }

                logger.TranslationNotPrepared(PrintableText.Of(parsed.Translatable), PrintableText.Of(step.Sql), PrintableText.Of(error.Message));
                throw new PgException(SqlState.InternalError, $"the translated statement cannot be prepared: {error.Message}");
            }
        }

        var plan = TranslatedStatement.Create(part!, parsed, translation, context, shapes, Constants(translation, parsed));
        if (shaped is not null && !plan.Defines && CachedTranslation.Of(plan, translation, shaped, context, declared.Span) is { } cached)
        {
            _cache.Add(shaped.Shape, cached);
        }

        return plan;
    }

    public async ValueTask<PlannedColumn[]> ColumnsAsync(PlannedStatement statement, IPlanningSession session)
    {
        if (statement is not TranslatedStatement translated)
        {
            return await passThrough.ColumnsAsync(statement, session).ConfigureAwait(false);
        }

        var context = await session.TranslationAsync().ConfigureAwait(false);
        return context.Schema.Version == translated.SchemaVersion
            ? translated.Columns!
            : (await PlanAsync(translated.Part, translated.ParameterTypes, session).ConfigureAwait(false)).Columns ?? [];
    }

    public async ValueTask RequireRelationAsync(string name, string tag, IPlanningSession session)
    {
        if (!session.Translates)
        {
            await passThrough.RequireRelationAsync(name, tag, session).ConfigureAwait(false);
            return;
        }

        var context = await session.TranslationAsync().ConfigureAwait(false);
        if (new SchemaNames(context.Schema, context.SearchPath, context.User).VisibleRelation(name) is null)
        {
            throw new PgException(SqlState.UndefinedTable, $"relation \"{name}\" does not exist");
        }
    }

    public async ValueTask<uint> TypeAsync(PreparedType type, IPlanningSession session)
    {
        if (type.Name is null)
        {
            return type.Type.Oid;
        }

        for (var tries = 1; ; tries++)
        {
            var context = await session.TranslationAsync().ConfigureAwait(false);
            if (new SchemaNames(context.Schema, context.SearchPath, context.User).TryFind(PgTypes.RegType, type.Name) is { } oid)
            {
                return oid;
            }

            // Another node may have just made it.
            if (tries == 2 || !await session.CatchUpAsync().ConfigureAwait(false))
            {
                throw new DialectException(SqlState.UndefinedObject, $"type \"{type.Name}\" does not exist", type.Position);
            }
        }
    }

    // Null for a text with too many literals, and for one that PostgreSQL's lexer refuses.
    private static LiteralTokens? LiteralsOf(string text)
    {
        try
        {
            return LiteralTokens.Of(text) is { Tokens.Count: <= TranslationCache.LiteralsMax } literals ? literals : null;
        }
        catch (DialectException)
        {
            return null;
        }
    }

    private static PassThroughPart ParseOne(string text)
    {
        var parsed = SqlParser.Parse(text, translated: true)[0];
        return new PassThroughPart(parsed, TreeOf(parsed));
    }

    // Null for a command of the session, and for a statement that only SQLite has.
    private static Dialect.Syntax.Statement? TreeOf(ParsedStatement parsed)
    {
        if (parsed.Kind != StatementKind.Run || parsed.Lowered)
        {
            return null;
        }

        try
        {
            return AtItsPlace(parsed, Translator.Parse);
        }
        catch (DialectException e) when (e.SqlState == SqlState.SyntaxError && parsed.IsSqliteOnly)
        {
            return null;
        }
    }

    private static Translation Translate(ParsedStatement parsed, Dialect.Syntax.Statement tree, TranslationContext context, ReadOnlySpan<uint> declared)
    {
        var types = declared.ToArray();
        return AtItsPlace(parsed, text => Translator.Translate(tree, text, context, types))
            ?? throw new DialectException(
                SqlState.FeatureNotSupported, $"{Translator.NameOf(tree) ?? parsed.CommandTag} is not supported", hint: HintFor(tree));
    }

    /// <summary>Users are not the database's: a password must not come into the log, not even as a hash.</summary>
    private static string? HintFor(Dialect.Syntax.Statement tree) => tree is Dialect.Syntax.CreateRoleStatement
        or Dialect.Syntax.AlterRoleStatement or Dialect.Syntax.AlterRoleSetStatement or Dialect.Syntax.DropRoleStatement
        or Dialect.Syntax.GrantStatement or Dialect.Syntax.GrantRoleStatement
        ? "Users, their passwords and permissions are in the credentials file that the flag -auth names on each node; rqlited -hash-password "
            + "makes the hash of a password for it."
        : null;

    // A definition that only SQLite has.
    private static bool Defines(StatementPart? part) => part is { IsRun: true } && part.Tag.Split(' ')[0] is "CREATE" or "ALTER" or "DROP";

    // Positions of errors are those in the whole text that the client has sent.
    private static T AtItsPlace<T>(ParsedStatement parsed, Func<string, T> read)
    {
        try
        {
            return read(parsed.Translatable);
        }
        catch (DialectException e) when (e.Message == EndOfInput && parsed.End < parsed.Source.Length && parsed.Copy is null)
        {
            // The statement ends at a semicolon, which is the token that does not fit.
            var end = parsed.Source.IndexOf(';', parsed.End);
            throw end < 0 ? e : new DialectException(e.SqlState, "syntax error at or near \";\"", 1 + CharactersIn(parsed.Source.AsSpan(0, end)));
        }
        catch (DialectException e) when (e.Position > 0 && parsed.Start > 0)
        {
            throw new DialectException(e.SqlState, e.Message, e.Position + CharactersBefore(parsed), e.Hint, e.Detail) { Context = e.Context };
        }
    }

    private static int CharactersIn(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }

    private static int CharactersBefore(ParsedStatement parsed) => parsed.PositionOf(0) - 1;

    // The values of literals that stand as parameters in the translation.
    private static ReadOnlyMemory<byte>[][] Constants(Translation translation, ParsedStatement parsed)
    {
        var constants = new ReadOnlyMemory<byte>[translation.Steps.Count][];
        for (var i = 0; i < constants.Length; i++)
        {
            constants[i] = [.. translation.Steps[i].Parameters.Select(Constant)];
        }

        return constants;

        ReadOnlyMemory<byte> Constant(StepParameter parameter)
        {
            if (parameter.Literal is not { } literal)
            {
                return default;
            }

            var output = new ArrayBufferWriter<byte>();
            try
            {
                StoredParameters.WriteText(output, literal.Text, parameter.Type);
            }
            catch (TypeException e)
            {
                throw new DialectException(e.SqlState, e.Message, literal.Location.Offset + 1 + CharactersBefore(parsed), e.Hint, e.Detail);
            }

            return output.WrittenMemory;
        }
    }
}
