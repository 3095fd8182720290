using System.Globalization;

namespace Rqlite.Pg.Dialect;

/// <summary>Splits a text into statements, sorts them, and reads those that concern the session wholly.</summary>
public static partial class SqlParser
{
    /// <summary>In UTF-16 units.</summary>
    public const int LengthMax = 64 << 20;

    private const int NestingMax = 1000;
    private const int ParametersMax = 65535;

    /// <summary>The statements of a text; none if it holds only blanks, comments and semicolons.</summary>
    /// <param name="statementsMax">More are refused with 54000, before the rest is read.</param>
    /// <param name="translated">
    /// Statements of the database are translated later: those that SQLite lacks are left to the translation, too.
    /// </param>
    /// <exception cref="DialectException">The text is not SQL by its tokens, or a session statement is wrong.</exception>
    public static IReadOnlyList<ParsedStatement> Parse(string sql, int statementsMax = int.MaxValue, bool translated = false)
    {
        ArgumentNullException.ThrowIfNull(sql);
        if (sql.Length > LengthMax)
        {
            throw new DialectException("54000", $"statement is longer than {LengthMax} characters");
        }

        var lexer = new Lexer(sql);
        ParsedStatement? first = null;
        List<ParsedStatement>? all = null;
        while (true)
        {
            var before = lexer.Offset;
            var token = lexer.Read();
            if (token.Kind == TokenKind.End)
            {
                return all is not null ? all : first is not null ? [first] : [];
            }

            if (token.Kind == TokenKind.Semicolon)
            {
                continue;
            }

            var statement = ParseOne(sql, ref lexer, token, before, translated);
            if (first is null)
            {
                first = statement;
            }
            else
            {
                all ??= [first];
                if (all.Count >= statementsMax)
                {
                    throw new DialectException("54000", "too many statements in one query string", hint: $"One may hold {statementsMax}.");
                }

                all.Add(statement);
            }
        }
    }

    /// <summary>
    /// True if a UTF-8 text begins with a verb that only the database runs, so that a cache of plain statements may be asked for it
    /// before it is parsed. It says nothing about how many statements the text holds.
    /// </summary>
    public static bool BeginsPlain(ReadOnlySpan<byte> utf8)
    {
        utf8 = utf8.TrimStart(" \t\r\n"u8);
        if (utf8.Length < 7 || (utf8[0] | 0x20) is not ('s' or 'i' or 'u' or 'd' or 'v' or 'r'))
        {
            return false;
        }

        var length = 0;
        while (length < utf8.Length && (uint)((utf8[length] | 0x20) - 'a') < 26)
        {
            length++;
        }

        var word = utf8[..length];
        return System.Text.Ascii.EqualsIgnoreCase(word, "select"u8) || System.Text.Ascii.EqualsIgnoreCase(word, "insert"u8)
            || System.Text.Ascii.EqualsIgnoreCase(word, "update"u8) || System.Text.Ascii.EqualsIgnoreCase(word, "delete"u8)
            || System.Text.Ascii.EqualsIgnoreCase(word, "values"u8) || System.Text.Ascii.EqualsIgnoreCase(word, "replace"u8);
    }

    /// <summary>Reads one statement up to its semicolon or the end, both of which stay unread or are passed.</summary>
    private static ParsedStatement ParseOne(string sql, ref Lexer lexer, Token head, int before, bool translated)
    {
        var hint = StatementHint.Find(sql, before, head.Start);
        var session = new SessionParser(sql, lexer, head, translated);
        if (head.Is(Keyword.Copy))
        {
            var copy = session;
            if (copy.TryParseCopy(hint, out var sent))
            {
                lexer = copy.Lexer;
                return sent!;
            }
        }

        var sequence = session;
        if (!translated && head.Kind == TokenKind.Word && sequence.TryParseSequence(out var about, out var sequenceTag))
        {
            lexer = sequence.Lexer;
            return new ParsedStatement(
                sql, head.Start, sequence.End, about!.Sql, StatementVerb.Other, sequenceTag, null, [], 0, hint) { Lowered = true };
        }

        if (session.TryParse(out var command, out var tag))
        {
            lexer = session.Lexer;
            if (command is LoweredCommand lowered)
            {
                return new ParsedStatement(sql, head.Start, session.End, lowered.Sql, StatementVerb.Other, tag, null, [], 0, hint) { Lowered = true };
            }

            return new ParsedStatement(
                sql, head.Start, session.End, TextOf(sql, head.Start, session.End), StatementVerb.Other, tag, command, [], 0, hint);
        }

        return ScanOne(sql, ref lexer, head, hint, translated);
    }

    private static ParsedStatement ScanOne(
        string sql, ref Lexer lexer, Token head, IReadOnlyList<KeyValuePair<string, string>>? hint, bool translated)
    {
        var scan = new StatementScan(lexer, head);
        scan.Run();
        lexer = scan.Lexer;
        var text = TextOf(sql, head.Start, scan.End);
        if (lexer.SawNestedComment)
        {
            text = NestedComments.Blank(text);
        }

        if (scan.Blanks is { } blanks)
        {
            text = Blank(text, head.Start, blanks);
        }

        return new ParsedStatement(
            sql, head.Start, scan.End, text, scan.Verb, scan.Tag,
            scan.Unsupported && !translated ? new UnsupportedStatement(scan.Tag) : null, scan.Casts, scan.ParameterCount, hint, locking: scan.Locking)
        {
            IsForeign = scan.Unsupported,
        };
    }

    /// <summary>The statement within a PREPARE or DECLARE; null for another command.</summary>
    public static ParsedStatement? BodyOf(SessionCommand? command) => command switch
    {
        PrepareStatement prepare => prepare.Body,
        DeclareCursor declare => declare.Query,
        _ => null,
    };

    /// <summary>
    /// The statement within PREPARE, DECLARE or COPY. None of those that hold another one may stand there, so statements nest once, whatever the text.
    /// </summary>
    internal static ParsedStatement ParseNested(string sql, ref Lexer lexer, Token head, bool translated) =>
        ScanOne(sql, ref lexer, head, null, translated);

    private static string TextOf(string sql, int start, int end) => start == 0 && end == sql.Length ? sql : sql[start..end];

    // Of the same length, so that positions hold.
    private static string Blank(string text, int start, IReadOnlyList<Range> ranges)
    {
        var result = text.ToCharArray();
        foreach (var range in ranges)
        {
            var from = range.Start.Value - start;
            result.AsSpan(from, Math.Min(range.End.Value - start, result.Length) - from).Fill(' ');
        }

        return new string(result);
    }

    internal static int ReadParameterNumber(ref Lexer lexer, Token token)
    {
        return int.TryParse(lexer.Text[(token.Start + 1)..token.End], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= ParametersMax
            ? number
            : throw new DialectException(
                "42P02", $"there is no parameter {lexer.Text[token.Start..token.End]}", Lexer.CharacterPosition(lexer.Text, token.Start));
    }

    internal static int Deeper(ref Lexer lexer, Token token, int depth) => depth < NestingMax
        ? depth + 1
        : throw new DialectException(
            "54001", "stack depth limit exceeded", Lexer.CharacterPosition(lexer.Text, token.Start),
            $"The statement nests more than {NestingMax} levels.");
}
