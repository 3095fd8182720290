using System.Collections.Frozen;
using System.Globalization;

namespace Rqlite.Pg.Dialect;

/// <summary>PostgreSQL's spellings of types, with modifiers: <c>varchar(20)</c>, <c>timestamp (3) with time zone</c>, <c>pg_catalog.int4</c>.</summary>
public static class TypeNames
{
    private static readonly FrozenDictionary<string, uint> Names = new Dictionary<string, uint>
    {
        ["bool"] = PgTypes.Bool,
        ["boolean"] = PgTypes.Bool,
        ["bytea"] = PgTypes.Bytea,
        ["name"] = PgTypes.Name,
        ["int8"] = PgTypes.Int8,
        ["bigint"] = PgTypes.Int8,
        ["bigserial"] = PgTypes.Int8,
        ["serial8"] = PgTypes.Int8,
        ["int2"] = PgTypes.Int2,
        ["smallint"] = PgTypes.Int2,
        ["smallserial"] = PgTypes.Int2,
        ["serial2"] = PgTypes.Int2,
        ["int4"] = PgTypes.Int4,
        ["int"] = PgTypes.Int4,
        ["integer"] = PgTypes.Int4,
        ["serial"] = PgTypes.Int4,
        ["serial4"] = PgTypes.Int4,
        ["text"] = PgTypes.Text,
        ["oid"] = PgTypes.Oid,
        ["xid"] = PgTypes.Xid,
        ["regproc"] = PgTypes.RegProc,
        ["regclass"] = PgTypes.RegClass,
        ["regtype"] = PgTypes.RegType,
        ["json"] = PgTypes.Json,
        ["jsonb"] = PgTypes.Jsonb,
        ["float4"] = PgTypes.Float4,
        ["real"] = PgTypes.Float4,
        ["float8"] = PgTypes.Float8,
        ["double precision"] = PgTypes.Float8,
        ["float"] = PgTypes.Float8,
        ["bpchar"] = PgTypes.BpChar,
        ["char"] = PgTypes.BpChar,
        ["character"] = PgTypes.BpChar,
        ["nchar"] = PgTypes.BpChar,
        ["national char"] = PgTypes.BpChar,
        ["national character"] = PgTypes.BpChar,
        ["varchar"] = PgTypes.VarChar,
        ["char varying"] = PgTypes.VarChar,
        ["character varying"] = PgTypes.VarChar,
        ["nchar varying"] = PgTypes.VarChar,
        ["national char varying"] = PgTypes.VarChar,
        ["national character varying"] = PgTypes.VarChar,
        ["date"] = PgTypes.Date,
        ["time"] = PgTypes.Time,
        ["time without time zone"] = PgTypes.Time,
        ["timetz"] = PgTypes.TimeTz,
        ["time with time zone"] = PgTypes.TimeTz,
        ["timestamp"] = PgTypes.Timestamp,
        ["timestamp without time zone"] = PgTypes.Timestamp,
        ["timestamptz"] = PgTypes.TimestampTz,
        ["timestamp with time zone"] = PgTypes.TimestampTz,
        ["interval"] = PgTypes.Interval,
        ["numeric"] = PgTypes.Numeric,
        ["decimal"] = PgTypes.Numeric,
        ["dec"] = PgTypes.Numeric,
        ["uuid"] = PgTypes.Uuid,
        ["pg_lsn"] = PgTypes.PgLsn,
        ["unknown"] = PgTypes.Unknown,
        ["void"] = PgTypes.Void,
    }.ToFrozenDictionary();

    /// <summary>Reads a whole text as a type name.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PgType type)
    {
        type = default;
        try
        {
            var lexer = new Lexer(text);
            return TryRead(ref lexer, lexer.Read(), out type, out var next) && next.Kind == TokenKind.End;
        }
        catch (DialectException)
        {
            return false;
        }
    }

    /// <summary>Reads the type name that begins with <paramref name="first"/>; arrays are not known.</summary>
    /// <param name="next">The token behind the name.</param>
    internal static bool TryRead(ref Lexer lexer, Token first, out PgType type, out Token next)
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

        if (quoted)
        {
            return ReadCatalogName(ref lexer, name, out type, ref next);
        }

        if (name is "national" or "nchar" or "char" or "character" or "double")
        {
            while (next.Kind == TokenKind.Word && lexer.NameOf(next) is "char" or "character" or "varying" or "precision")
            {
                name += " " + lexer.NameOf(next);
                next = lexer.Read();
            }
        }

        var arguments = ReadArguments(ref lexer, ref next);
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
            SkipIntervalFields(ref lexer, ref next);
        }

        if (!Names.TryGetValue(name, out var oid) || next.Kind == TokenKind.OpenBracket || next.Is(Keyword.Array))
        {
            return false;
        }

        return TryApply(name, oid, arguments, out type);
    }

    private static bool ReadCatalogName(ref Lexer lexer, string name, out PgType type, ref Token next)
    {
        var arguments = ReadArguments(ref lexer, ref next);
        type = default;
        if (next.Kind == TokenKind.OpenBracket || name.Contains(' ', StringComparison.Ordinal))
        {
            return false;
        }

        if (name == "char")
        {
            type = new PgType(PgTypes.Char);
            return true;
        }

        return Names.TryGetValue(name, out var oid) && TryApply("", oid, arguments, out type);
    }

    private static bool Expect(ref Lexer lexer, ref Token next, Keyword keyword)
    {
        next = lexer.Read();
        return next.Is(keyword);
    }

    private static void SkipIntervalFields(ref Lexer lexer, ref Token next)
    {
        while (next.Is(Keyword.Year) || next.Is(Keyword.Month) || next.Is(Keyword.Day) || next.Is(Keyword.Hour)
            || next.Is(Keyword.Minute) || next.Is(Keyword.Second) || next.Is(Keyword.To))
        {
            next = lexer.Read();
            _ = ReadArguments(ref lexer, ref next);
        }
    }

    private static List<int>? ReadArguments(ref Lexer lexer, ref Token next)
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
                return arguments;
            }
        }
    }

    private static bool TryApply(string name, uint oid, List<int>? arguments, out PgType type)
    {
        if (arguments is null)
        {
            // The SQL standard's CHARACTER without a length has the length 1.
            type = new PgType(oid, oid == PgTypes.BpChar && name.Length > 0 && name != "bpchar" ? 5 : -1);
            return true;
        }

        type = oid switch
        {
            PgTypes.VarChar or PgTypes.BpChar when arguments is [> 0] => new PgType(oid, arguments[0] + 4),
            PgTypes.Numeric when arguments is [>= 1 and <= 1000] => new PgType(oid, (arguments[0] << 16) + 4),
            PgTypes.Numeric when arguments is [>= 1 and <= 1000, >= -1000 and <= 1000] =>
                new PgType(oid, ((arguments[0] << 16) | (arguments[1] & 0x7FF)) + 4),
            PgTypes.Float8 when name == "float" && arguments is [>= 1 and <= 53] =>
                new PgType(arguments[0] <= 24 ? PgTypes.Float4 : PgTypes.Float8),
            PgTypes.Time or PgTypes.TimeTz or PgTypes.Timestamp or PgTypes.TimestampTz when arguments is [>= 0] =>
                new PgType(oid, Math.Min(arguments[0], 6)),
            PgTypes.Interval when arguments is [>= 0] => new PgType(oid, unchecked((0x7FFF << 16) | Math.Min(arguments[0], 6))),
            _ => default,
        };
        return type.Oid != 0;
    }
}
