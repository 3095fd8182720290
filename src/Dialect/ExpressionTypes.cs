using System.Globalization;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>
/// Types of expressions that the text alone decides. It never guesses: what depends on a column, or on the values that
/// arithmetic meets, stays open, and the declared type or the first row decides.
/// </summary>
internal sealed class ExpressionTypes(string text, List<Token> tokens)
{
    private static readonly PgType Bool = new(PgTypes.Bool);
    private static readonly PgType Text = new(PgTypes.Text);
    private static readonly PgType Int8 = new(PgTypes.Int8);

    private readonly int[] _closing = Pair(tokens);

    /// <summary>The index of the parenthesis that closes the one at <paramref name="open"/>, or -1.</summary>
    public int Closing(int open) => _closing[open];

    public bool IsOperator(int at, string symbol) => tokens[at].Kind == TokenKind.Operator
        && text.AsSpan(tokens[at].Start, tokens[at].Length).SequenceEqual(symbol);

    /// <summary>The type of a select item, its alias included.</summary>
    public PgType? TypeOfItem(int from, int to)
    {
        if (to - from >= 3 && tokens[to - 2].Is(Keyword.As))
        {
            return TypeOf(from, to - 2);
        }

        // A name right behind an operand is an alias without AS.
        var last = tokens[to - 1];
        var alias = to - from >= 2
            && (last.Kind == TokenKind.QuotedIdentifier || (last.Kind == TokenKind.Word && Keywords.ClassOf(last.Keyword) == KeywordClass.NotKeyword))
            && EndsOperand(tokens[to - 2]);
        return TypeOf(from, alias ? to - 1 : to);
    }

    public bool IsArithmetic(int at) => text.AsSpan(tokens[at].Start, tokens[at].Length) is "+" or "-" or "*" or "/" or "%";

    public bool IsComparison(int at) => text.AsSpan(tokens[at].Start, tokens[at].Length) is "=" or "==" or "<>" or "!=" or "<" or ">" or "<=" or ">=";

    /// <summary>Where the operand begins that ends before <paramref name="end"/>.</summary>
    public int OperandStart(int end)
    {
        var i = end - 1;
        while (i >= 0 && !BoundsOperand(i))
        {
            i = tokens[i].Kind == TokenKind.CloseParen && Open(i) is >= 0 and var open ? open - 1
                : tokens[i].Is(Keyword.End) ? CaseOf(i) - 1
                : i - 1;
        }

        return i + 1;
    }

    /// <summary>Where the operand ends that begins at <paramref name="start"/>.</summary>
    public int OperandEnd(int start)
    {
        var i = start;
        while (i < tokens.Count && !BoundsOperand(i))
        {
            i = tokens[i].Kind == TokenKind.OpenParen && _closing[i] > i ? _closing[i] + 1
                : tokens[i].Is(Keyword.Case) ? EndOf(i) + 1
                : i + 1;
        }

        return Math.Min(i, tokens.Count);
    }

    /// <summary>The other side of the comparison for a parameter beside this expression, which is no column.</summary>
    public Comparison Comparable(int from, int to)
    {
        while (to - from >= 2 && tokens[from].Kind == TokenKind.OpenParen && _closing[from] == to - 1)
        {
            (from, to) = (from + 1, to - 1);
        }

        if (from >= to)
        {
            return Comparison.Text;
        }

        if (to - from == 1 && tokens[from].Kind is TokenKind.Parameter or TokenKind.SqliteParameter)
        {
            return Comparison.Text;
        }

        if (Shape(from, to) == Operators.Arithmetic)
        {
            return IsJson(from, to) ? Comparison.Text : Comparison.Number;
        }

        return TypeOf(from, to) switch
        {
            { Oid: PgTypes.Bool } => Comparison.Truth,
            { Oid: PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 or PgTypes.Float4 or PgTypes.Float8 or PgTypes.Numeric or PgTypes.Oid } =>
                Comparison.Number,
            not null => Comparison.Text,
            null => IsNumberFunction(from) ? Comparison.Number : Comparison.Open,
        };
    }

    // -> and ->> give texts, as a rule; & and its kin numbers.
    private bool IsJson(int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if (IsOperator(i, "->") || IsOperator(i, "->>"))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsNumberFunction(int at) => at + 1 < tokens.Count && tokens[at].Kind == TokenKind.Word && tokens[at + 1].Kind == TokenKind.OpenParen
        && Lexer.Fold(text.AsSpan(tokens[at].Start, tokens[at].Length)) is "sum" or "abs" or "sign" or "ceil" or "ceiling" or "floor" or "trunc"
            or "mod" or "pow" or "power" or "sqrt" or "exp" or "ln" or "log" or "log2" or "log10" or "pi" or "degrees" or "radians" or "sin"
            or "cos" or "tan" or "asin" or "acos" or "atan" or "atan2";

    private bool BoundsOperand(int at)
    {
        var token = tokens[at];
        return token.Kind is TokenKind.Comma or TokenKind.Semicolon or TokenKind.OpenParen or TokenKind.CloseParen
                && !(token.Kind == TokenKind.OpenParen && _closing[at] > at) && !(token.Kind == TokenKind.CloseParen && Open(at) >= 0)
            || (token.Kind == TokenKind.Operator && IsComparison(at))
            || (token.Kind == TokenKind.Word && Keywords.ClassOf(token.Keyword) == KeywordClass.Reserved
                && token.Keyword is not (Keyword.Case or Keyword.End or Keyword.Null or Keyword.True or Keyword.False or Keyword.CurrentDate
                    or Keyword.CurrentTime or Keyword.CurrentTimestamp or Keyword.Cast or Keyword.Collate))
            || (token.Kind == TokenKind.Word && token.Keyword is Keyword.Between or Keyword.Set or Keyword.Values or Keyword.Escape);
    }

    private int CaseOf(int end)
    {
        var depth = 0;
        for (var i = end; i >= 0; i--)
        {
            depth += tokens[i].Is(Keyword.End) ? 1 : tokens[i].Is(Keyword.Case) ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        return 0;
    }

    private int EndOf(int start)
    {
        var depth = 0;
        for (var i = start; i < tokens.Count; i++)
        {
            depth += tokens[i].Is(Keyword.Case) ? 1 : tokens[i].Is(Keyword.End) ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        return tokens.Count - 1;
    }

    private static bool EndsOperand(Token token) => token.Kind is TokenKind.CloseParen or TokenKind.CloseBracket or TokenKind.QuotedIdentifier
        or TokenKind.String or TokenKind.Integer or TokenKind.Decimal or TokenKind.Parameter or TokenKind.HexString
        || (token.Kind == TokenKind.Word && (Keywords.ClassOf(token.Keyword) is KeywordClass.NotKeyword or KeywordClass.ColumnName
            || token.Keyword is Keyword.Null or Keyword.True or Keyword.False or Keyword.End or Keyword.Text
                or Keyword.CurrentTimestamp or Keyword.CurrentDate or Keyword.CurrentTime));

    private PgType? TypeOf(int from, int to)
    {
        while (to - from >= 2 && tokens[from].Kind == TokenKind.OpenParen && _closing[from] == to - 1)
        {
            (from, to) = (from + 1, to - 1);
        }

        if (from >= to || tokens[from].Is(Keyword.Select) || tokens[from].Is(Keyword.Values) || tokens[from].Is(Keyword.With))
        {
            return null;
        }

        return Shape(from, to) switch
        {
            Operators.Truth => Bool,
            Operators.Concatenation => Text,
            Operators.Arithmetic => to - from == 2 && IsOperator(from, "-") ? Negative(from + 1) : null,
            _ => Primary(from, to),
        };
    }

    private enum Operators
    {
        None,
        Concatenation,
        Arithmetic,
        Truth,
    }

    /// <summary>The loosest kind of operator outside parentheses and CASE.</summary>
    private Operators Shape(int from, int to)
    {
        var shape = Operators.None;
        var cases = 0;
        for (var i = from; i < to; i++)
        {
            var token = tokens[i];
            if (token.Kind is TokenKind.OpenParen && _closing[i] > i)
            {
                i = Math.Min(_closing[i], to - 1);
                continue;
            }

            cases += token.Is(Keyword.Case) ? 1 : token.Is(Keyword.End) ? -1 : 0;
            if (cases > 0)
            {
                continue;
            }

            var own = token.Kind == TokenKind.Operator ? OperatorShape(text.AsSpan(token.Start, token.Length))
                : token.Kind == TokenKind.Word && i > from && (i == 0 || tokens[i - 1].Kind != TokenKind.Dot) ? WordShape(token.Keyword)
                : token.Is(Keyword.Not) || token.Is(Keyword.Exists) ? Operators.Truth
                : Operators.None;
            shape = own > shape ? own : shape;
        }

        return shape;
    }

    private static Operators OperatorShape(ReadOnlySpan<char> symbol) => symbol switch
    {
        "=" or "==" or "<>" or "!=" or "<" or ">" or "<=" or ">=" or "~" or "~*" or "!~" or "!~*" => Operators.Truth,
        "||" => Operators.Concatenation,
        _ => Operators.Arithmetic,
    };

    private static Operators WordShape(Keyword keyword) => keyword switch
    {
        Keyword.And or Keyword.Or or Keyword.Not or Keyword.Is or Keyword.Isnull or Keyword.Notnull or Keyword.Like or Keyword.Ilike
            or Keyword.Glob or Keyword.Regexp or Keyword.Match or Keyword.In or Keyword.Between => Operators.Truth,
        Keyword.Collate => Operators.Concatenation,
        _ => Operators.None,
    };

    private PgType? Negative(int at) => tokens[at].Kind == TokenKind.Integer && Literal(at, "-") is { } type ? type
        : tokens[at].Kind == TokenKind.Decimal ? new PgType(PgTypes.Float8)
        : null;

    private PgType? Primary(int from, int to)
    {
        // The last cast outside of parentheses decides.
        for (var i = to - 1; i > from; i--)
        {
            if (tokens[i].Kind == TokenKind.CloseParen && Open(i) is >= 0 and var open)
            {
                i = open;
            }
            else if (tokens[i].Kind == TokenKind.Cast)
            {
                return ReadType(i + 1);
            }
        }

        if (to - from == 1)
        {
            return Single(from);
        }

        if (tokens[from].Kind == TokenKind.Word && tokens[from + 1].Kind == TokenKind.OpenParen && _closing[from + 1] > 0)
        {
            var close = _closing[from + 1];
            var plain = close == to - 1 || tokens[close + 1].Is(Keyword.Over) || tokens[close + 1].Is(Keyword.Filter);
            return !plain ? null
                : tokens[from].Is(Keyword.Cast) ? CastType(from + 2, close)
                : Function(text.AsSpan(tokens[from].Start, tokens[from].Length));
        }

        return null;
    }

    private PgType? Single(int at)
    {
        var token = tokens[at];
        switch (token.Kind)
        {
            case TokenKind.Integer:
                return Literal(at, "");
            case TokenKind.Decimal:
                return new PgType(PgTypes.Float8);
            case TokenKind.String:
                return Text;
            case TokenKind.HexString:
                return new PgType(PgTypes.Bytea);
            case TokenKind.Parameter:
                return int.TryParse(text.AsSpan(token.Start + 1, token.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? new PgType(0, number)
                    : null;
            case TokenKind.Word:
                return token.Keyword switch
                {
                    Keyword.Null => Text,
                    Keyword.True or Keyword.False => Bool,
                    Keyword.CurrentTimestamp => new PgType(PgTypes.TimestampTz),
                    Keyword.CurrentDate => new PgType(PgTypes.Date),
                    Keyword.CurrentTime => new PgType(PgTypes.TimeTz),
                    _ => null,
                };
            default:
                return null;
        }
    }

    private PgType? Literal(int at, string sign)
    {
        var digits = text.AsSpan(tokens[at].Start, tokens[at].Length);
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return Int8;
        }

        return long.TryParse(
            string.Concat(sign, digits.ToString().Replace("_", "", StringComparison.Ordinal)), NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture, out var value)
            ? new PgType(value is >= int.MinValue and <= int.MaxValue ? PgTypes.Int4 : PgTypes.Int8)
            : new PgType(PgTypes.Float8);
    }

    private PgType? CastType(int from, int to)
    {
        for (var i = to - 1; i > from; i--)
        {
            if (tokens[i].Is(Keyword.As))
            {
                return ReadType(i + 1);
            }
        }

        return null;
    }

    private PgType? ReadType(int at)
    {
        if (at >= tokens.Count)
        {
            return null;
        }

        var lexer = new Lexer(text, tokens[at].Start);
        return TypeNameReader.TryRead(ref lexer, lexer.Read(), out var type, out _) ? type : null;
    }

    private static PgType? Function(ReadOnlySpan<char> name) => Lexer.Fold(name) switch
    {
        "count" or "length" or "octet_length" or "instr" or "unicode" or "changes" or "total_changes" or "last_insert_rowid" or "random"
            or "row_number" or "rank" or "dense_rank" or "ntile" or "unixepoch" or "json_array_length" or "nextval" or "currval" or "lastval"
            or "setval" => Int8,
        "total" or "avg" or "round" or "julianday" or "percent_rank" or "cume_dist" => new PgType(PgTypes.Float8),
        "upper" or "lower" or "substr" or "substring" or "trim" or "ltrim" or "rtrim" or "replace" or "hex" or "quote" or "printf" or "format"
            or "typeof" or "group_concat" or "string_agg" or "sqlite_version" or "strftime" or "date" or "time" or "datetime" or "char"
            or "concat" or "concat_ws" or "pg_notify" => Text,
        "now" or "transaction_timestamp" => new PgType(PgTypes.TimestampTz),
        "pg_is_in_recovery" => Bool,
        "pg_wal_lsn_diff" => new PgType(PgTypes.Numeric),
        "pg_current_wal_lsn" or "pg_current_wal_insert_lsn" or "pg_current_wal_flush_lsn" or "pg_last_wal_receive_lsn"
            or "pg_last_wal_replay_lsn" => new PgType(PgTypes.PgLsn),
        "json" or "json_object" or "json_array" or "json_group_array" or "json_group_object" => new PgType(PgTypes.Json),
        "pg_advisory_lock" or "pg_advisory_lock_shared" or "pg_advisory_xact_lock" or "pg_advisory_xact_lock_shared"
            or "pg_advisory_unlock_all" => new PgType(PgTypes.Void),
        "pg_try_advisory_lock" or "pg_try_advisory_lock_shared" or "pg_try_advisory_xact_lock" or "pg_try_advisory_xact_lock_shared"
            or "pg_advisory_unlock" or "pg_advisory_unlock_shared" => Bool,
        "randomblob" or "zeroblob" or "unhex" => new PgType(PgTypes.Bytea),
        _ => null,
    };

    private int Open(int close)
    {
        var depth = 0;
        for (var i = close; i >= 0; i--)
        {
            depth += tokens[i].Kind == TokenKind.CloseParen ? 1 : tokens[i].Kind == TokenKind.OpenParen ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        return -1;
    }

    private static int[] Pair(List<Token> tokens)
    {
        var closing = new int[tokens.Count];
        Array.Fill(closing, -1);
        var open = new Stack<int>();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind == TokenKind.OpenParen)
            {
                open.Push(i);
            }
            else if (tokens[i].Kind == TokenKind.CloseParen && open.TryPop(out var start))
            {
                closing[start] = i;
            }
        }

        return closing;
    }
}
