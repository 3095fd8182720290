using System.Globalization;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>Finds the extent of a type's name among tokens; what it names is for <see cref="TypeNames"/> to say.</summary>
internal static class TypeNameReader
{
    /// <summary>Reads the type name that begins with <paramref name="first"/>; only a type that can be announced is one.</summary>
    /// <param name="next">The token behind the name.</param>
    public static bool TryRead(ref Lexer lexer, Token first, out PgType type, out Token next)
    {
        type = default;
        next = first;
        if (first.Kind is not (TokenKind.Word or TokenKind.QuotedIdentifier))
        {
            return false;
        }

        var name = lexer.NameOf(first);
        var quoted = first.Kind == TokenKind.QuotedIdentifier;
        next = lexer.Read();
        if (next.Kind == TokenKind.Dot && name == "pg_catalog")
        {
            var part = lexer.Read();
            name = part.Kind is TokenKind.Word or TokenKind.QuotedIdentifier ? lexer.NameOf(part) : "";

            // Behind the schema the catalog's names stand, where "char" is the one-byte type.
            quoted = true;
            next = lexer.Read();
        }

        int[]? arguments;
        if (quoted)
        {
            arguments = ReadArguments(ref lexer, ref next);
        }
        else if (!TryReadWords(ref lexer, ref name, ref next, out arguments))
        {
            return false;
        }

        return next.Kind != TokenKind.OpenBracket && !next.Is(Keyword.Array)
            && TypeNames.TryResolve(name, quoted, arguments, out type) && AnnouncedTypes.Contains(type.Oid);
    }

    private static bool TryReadWords(ref Lexer lexer, ref string name, ref Token next, out int[]? arguments)
    {
        if (name is "national" or "nchar" or "char" or "character" or "double")
        {
            while (next.Kind == TokenKind.Word && lexer.NameOf(next) is "char" or "character" or "varying" or "precision")
            {
                name += " " + lexer.NameOf(next);
                next = lexer.Read();
            }
        }

        arguments = ReadArguments(ref lexer, ref next);
        if (name is "time" or "timestamp" && (next.Is(Keyword.With) || next.Is(Keyword.Without)))
        {
            var zone = next.Is(Keyword.With);
            if (!Expect(ref lexer, ref next, Keyword.Time) || !Expect(ref lexer, ref next, Keyword.Zone))
            {
                return false;
            }

            next = lexer.Read();
            name += zone ? " with time zone" : " without time zone";
        }
        else if (name == "interval")
        {
            while (IsIntervalField(next))
            {
                name += " " + lexer.NameOf(next);
                next = lexer.Read();
                arguments = ReadArguments(ref lexer, ref next) ?? arguments;
            }
        }

        return true;
    }

    private static bool IsIntervalField(Token token) => token.Is(Keyword.Year) || token.Is(Keyword.Month) || token.Is(Keyword.Day)
        || token.Is(Keyword.Hour) || token.Is(Keyword.Minute) || token.Is(Keyword.Second) || token.Is(Keyword.To);

    private static bool Expect(ref Lexer lexer, ref Token next, Keyword keyword)
    {
        next = lexer.Read();
        return next.Is(keyword);
    }

    private static int[]? ReadArguments(ref Lexer lexer, ref Token next)
    {
        if (next.Kind != TokenKind.OpenParen)
        {
            return null;
        }

        var mark = lexer;
        var arguments = new List<int>(2);
        while (true)
        {
            var token = lexer.Read();
            var sign = 1;
            if (token.Kind == TokenKind.Operator && token.Length == 1 && lexer.Text[token.Start] == '-')
            {
                sign = -1;
                token = lexer.Read();
            }

            var comma = lexer.Read();
            if (token.Kind != TokenKind.Integer || comma.Kind is not (TokenKind.Comma or TokenKind.CloseParen)
                || !int.TryParse(lexer.Text[token.Start..token.End], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                lexer = mark;
                return null;
            }

            arguments.Add(sign * value);
            if (comma.Kind == TokenKind.CloseParen)
            {
                next = lexer.Read();
                return [.. arguments];
            }
        }
    }
}
