namespace Rqlite.Pg.Dialect.Tests.Syntax;

/// <summary>The tokens of PostgreSQL 15, as its server takes and refuses them.</summary>
public class LexerTests
{
    private static List<string> Tokens(string sql)
    {
        var lexer = new Lexer(sql);
        var tokens = new List<string>();
        for (var token = lexer.ReadPostgres(); token.Kind != TokenKind.End; token = lexer.ReadPostgres())
        {
            tokens.Add($"{token.Kind}:{sql[token.Start..token.End]}");
        }

        return tokens;
    }

    [Theory]
    [InlineData("a+-b", "Word:a|Operator:+|Operator:-|Word:b")]
    [InlineData("a @-b", "Word:a|Operator:@-|Word:b")]
    [InlineData("a=-1", "Word:a|Operator:=|Operator:-|Integer:1")]
    [InlineData("a !=-1", "Word:a|Operator:!=-|Integer:1")]
    [InlineData("a*/**/b", "Word:a|Operator:*|Word:b")]
    [InlineData("a<--b\nc", "Word:a|Operator:<|Word:c")]
    [InlineData("a`b", "Word:a|Operator:`|Word:b")]
    [InlineData("a?b ?| ?&", "Word:a|Operator:?|Word:b|Operator:?||Operator:?&")]
    [InlineData("a::b:=c=>d:e", "Word:a|Cast:::|Word:b|ColonEquals::=|Word:c|Operator:=>|Word:d|Colon::|Word:e")]
    [InlineData("[a]@b", "OpenBracket:[|Word:a|CloseBracket:]|Operator:@|Word:b")]
    [InlineData("1..2", "Integer:1|DotDot:..|Integer:2")]
    [InlineData("1. .5 1.5e-3 5.e2 99999999999 2147483647 2147483648",
        "Decimal:1.|Decimal:.5|Decimal:1.5e-3|Decimal:5.e2|Decimal:99999999999|Integer:2147483647|Decimal:2147483648")]
    [InlineData("$1$2", "Parameter:$1|Parameter:$2")]
    [InlineData("$$a$$ $b_1$ $$ $b_1$", "String:$$a$$|String:$b_1$ $$ $b_1$")]
    [InlineData("a$b$ é_1", "Word:a$b$|Word:é_1")]
    [InlineData("N'a'", "Word:N|String:'a'")]
    [InlineData("B'1' x'f' e'\\'' U&'a' u&\"b\"", "BitString:B'1'|HexString:x'f'|String:e'\\''|String:U&'a'|QuotedIdentifier:u&\"b\"")]
    [InlineData("U&'a' UESCAPE '!' U&\"b\" uescape E'!'", "String:U&'a' UESCAPE '!'|QuotedIdentifier:U&\"b\" uescape E'!'")]
    [InlineData("'a'\n'b'", "String:'a'\n'b'")]
    [InlineData("'a' --c\n 'b'", "String:'a' --c\n 'b'")]
    [InlineData("'a' 'b'", "String:'a'|String:'b'")]
    [InlineData("'a' /*c\n*/ 'b'", "String:'a'|String:'b'")]
    [InlineData("1/* a /* b */ c */2--x", "Integer:1|Integer:2")]
    public void Tokens_are_cut_as_PostgreSQL_does(string sql, string wanted) => Assert.Equal(wanted, string.Join('|', Tokens(sql)));

    [Theory]
    [InlineData("1a")]
    [InlineData("1.5abc")]
    [InlineData("1e5abc")]
    [InlineData("0x1F")]
    [InlineData("1_000")]
    [InlineData("1e")]
    public void What_touches_a_number_is_junk(string sql)
    {
        var exception = Assert.Throws<DialectException>(() => Tokens("a " + sql));
        Assert.Equal(("42601", $"trailing junk after numeric literal at or near \"{sql}\"", 3), (exception.SqlState, exception.Message,
            exception.Position));
    }

    [Theory]
    [InlineData("1e+x", "trailing junk after numeric literal at or near \"1e+\"", 1)]
    [InlineData("$1a", "trailing junk after parameter at or near \"$1a\"", 1)]
    [InlineData("$a", "syntax error at or near \"$\"", 1)]
    [InlineData("'a", "unterminated quoted string at or near \"'a\"", 1)]
    [InlineData("E'a\\", "unterminated quoted string at or near \"E'a\\\"", 1)]
    [InlineData("\"a", "unterminated quoted identifier at or near \"\"a\"", 1)]
    [InlineData("x \"\"", "zero-length delimited identifier at or near \"\"\"\"", 3)]
    [InlineData("$a$b", "unterminated dollar-quoted string at or near \"$a$b\"", 1)]
    [InlineData("/* /* */", "unterminated /* comment at or near \"/* /* */\"", 1)]
    [InlineData("b'1", "unterminated bit string literal at or near \"b'1\"", 1)]
    [InlineData("1\v2", "syntax error at or near \"\v\"", 2)]
    [InlineData("é {", "syntax error at or near \"{\"", 3)]
    [InlineData("U&'a' uescape '+'", "invalid Unicode escape character at or near \"'+'\"", 15)]
    [InlineData("U&'a' uescape U&'!'", "UESCAPE must be followed by a simple string literal at or near \"U&'!'\"", 15)]
    public void Broken_tokens_are_refused_in_PostgreSQLs_words(string sql, string message, int position)
    {
        var exception = Assert.Throws<DialectException>(() => Tokens(sql));
        Assert.Equal(("42601", message, position), (exception.SqlState, exception.Message, exception.Position));
    }

    [Theory]
    [InlineData("'a''b'", "a'b")]
    [InlineData("'a'\n'b'", "ab")]
    [InlineData("'a' -- 'c'\n'b'", "ab")]
    [InlineData("'a\\b'", "a\\b")]
    [InlineData("E'a\\nb\\x41\\101\\u0041\\q'", "a\nbAAAq")]
    [InlineData("$t$a $$ b$t$", "a $$ b")]
    [InlineData("U&'d\\0061t\\+000061'", "data")]
    [InlineData("U&'d!0061t!!' UESCAPE '!'", "dat!")]
    public void Strings_stand_for_what_PostgreSQL_reads_in_them(string sql, string wanted)
    {
        var lexer = new Lexer(sql);
        var token = lexer.ReadPostgres();
        Assert.Equal(sql.Length, token.End);
        Assert.Equal(wanted, lexer.PostgresStringOf(token));
    }

    [Theory]
    [InlineData("ABC_É", "abc_É")]
    [InlineData("\"A\"\"b\"", "A\"b")]
    [InlineData("U&\"d!0061\" UESCAPE '!'", "da")]
    [InlineData("a1234567890123456789012345678901234567890123456789012345678901234567890",
        "a12345678901234567890123456789012345678901234567890123456789012")]
    [InlineData("aééééééééééééééééééééééééééééééééééé", "aééééééééééééééééééééééééééééééé")]
    public void Names_are_folded_and_cut_to_63_bytes(string sql, string wanted)
    {
        var lexer = new Lexer(sql);
        Assert.Equal(wanted, lexer.PostgresNameOf(lexer.ReadPostgres()));
    }
}
