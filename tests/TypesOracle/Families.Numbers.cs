using System.Globalization;

namespace Rqlite.Pg.TypesOracle;

internal static partial class Families
{
    private static readonly string[] s_numerics =
    [
        "0", "0.00", "1", "-1", "1.0", "1.10", "-1.5", "2.5", "-2.5", "0.5", "1e5", "1e-5", "1E+10", "  12.50  ", "+7", ".5", "5.", "-.5e3", "NaN",
        "nan",
        "Infinity", "-Infinity", "+infinity", "inf", "-INF", "0.0001", "99999999.99999999", "10000", "9999.9999", "12345678901234567890123456789",
        "0.00000000000000000000000000001", "123456789.123456789123456789", "-0", "-0.000", "1e100", "1e-100", "3.14159265358979323846264338327950288",
        "2.71828182845904523536", "100", "1000000", "0.9", "1.1", "0.99999", "1.00001", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "2147483647.5", "-2147483648.5", "32767.4999", "32767.5", "1e308", "1e309", "4e-324", "16", "1024", "7", "0.1", "0.01",
    ];

    private static readonly string[] s_badNumerics =
    [
        "", " ", "abc", "1.2.3", "1e", "e5", "--1", "+-1", "1 2", "1e5.5", "0x10", "1_000", "NaNx", "-NaN", "infinit", "1e131072", "1e131071",
        "1e-16383",
        "1e-16384", "9e99999999999", "1e-99999999999", ".", "-", "+", "1,000", "é", "1e1073741823", "1e1073741822", "0e99999", "1.e3", "1e+",
        "infinityx",
    ];

    private static IEnumerable<OracleCase> Numeric(Random random)
    {
        foreach (var text in s_numerics.Concat(s_badNumerics))
        {
            yield return new OracleCase("parse numeric", "", text);
        }

        var values = s_numerics.Concat(Enumerable.Range(0, 60).Select(_ => RandomNumeric(random))).ToList();
        foreach (var value in values)
        {
            yield return new OracleCase("send numeric", "", value);
            foreach (var function in new[] { "sqrt", "exp", "ln", "log", "ceil", "floor", "abs", "sign", "trim_scale", "min_scale", "scale", "neg" })
            {
                yield return new OracleCase("numeric " + function, "", value);
            }

            foreach (var digits in new[] { "0", "2", "-2", "5", "20", "-10" })
            {
                yield return new OracleCase("numeric round", "", value, digits);
                yield return new OracleCase("numeric trunc", "", value, digits);
            }

            foreach (var type in new[] { "int2", "int4", "int8", "float4", "float8" })
            {
                yield return new OracleCase("numeric to " + type, "", value);
            }

            foreach (var (precision, scale) in new[] { ("5", "2"), ("10", "0"), ("3", "3"), ("2", "-3"), ("3", "5"), ("38", "10") })
            {
                yield return new OracleCase("numeric modifier", "", value, precision, scale);
            }
        }

        foreach (var left in s_numerics)
        {
            foreach (var operation in new[] { "add", "sub", "mul", "div", "mod", "div2", "gcd2", "lcm2", "log2", "pow" })
            {
                for (var i = 0; i < 6; i++)
                {
                    yield return new OracleCase("numeric " + operation, "", left, Pick(random, s_numerics));
                }
            }

            yield return new OracleCase("compare numeric", "", left, Pick(random, s_numerics));
        }

        for (var i = 0; i < 400; i++)
        {
            var (left, right) = (RandomNumeric(random), RandomNumeric(random));
            foreach (var operation in new[] { "add", "sub", "mul", "div", "mod", "div2" })
            {
                yield return new OracleCase("numeric " + operation, "", left, right);
            }

            yield return new OracleCase("compare numeric", "", left, right);
            yield return new OracleCase("numeric log2", "", left.TrimStart('-'), right.TrimStart('-'));
        }

        for (var i = 0; i < 400; i++)
        {
            var radix = Small(random);
            yield return new OracleCase("numeric pow", "", radix, random.Next(-30, 60).ToString(CultureInfo.InvariantCulture));
            yield return new OracleCase("numeric pow", "", radix.TrimStart('-'), Small(random));
            yield return new OracleCase("numeric exp", "", Small(random));
            yield return new OracleCase("numeric ln", "", Small(random).TrimStart('-'));
            yield return new OracleCase("numeric sqrt", "", Small(random).TrimStart('-'));
            yield return new OracleCase("numeric log", "", Small(random).TrimStart('-'));
        }
    }

    private static string RandomNumeric(Random random)
    {
        var whole = Digits(random, random.Next(1, random.Next(1, 40)));
        var fraction = random.Next(3) == 0 ? "" : "." + Digits(random, random.Next(1, random.Next(2, 40)));
        return (random.Next(2) == 0 ? "-" : "") + whole + fraction;
    }

    private static string Small(Random random) =>
        (random.Next(3) == 0 ? "-" : "") + Digits(random, random.Next(1, 4)) + (random.Next(4) == 0 ? "" : "." + Digits(random, random.Next(1, 12)));

    private static IEnumerable<OracleCase> Numbers(Random random)
    {
        string[] integers =
        [
            "0", "1", "-1", " 42 ", "+7", "-0", "32767", "32768", "-32768", "-32769", "2147483647", "2147483648", "-2147483648", "-2147483649",
            "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "4294967295", "4294967296", "-4294967296",
            "", " ",
            "abc", "1.5", "1e3", "--1", "+", "-", "1 2", "0x1F", "007", "99999999999999999999999x", "12a", "\t5\n", "1_0",
        ];
        foreach (var text in integers)
        {
            foreach (var type in new[] { "int2", "int4", "int8", "oid", "float4", "float8", "bool", "xid", "xid8" })
            {
                yield return new OracleCase("parse " + type, "", text);
            }
        }

        foreach (var text in new[]
        {
            "t", "T", "true", "TRUE", "tr", "f", "fa", "false", "yes", "y", "ye", "no", "n", "on", "o", "of", "off", "ON", " true ", "tru e",
            "truee", "1", "0", "2",
            "10", "", "null",
        })
        {
            yield return new OracleCase("parse bool", "", text);
        }

        string[] small = ["0", "1", "-1", "2", "3", "-7", "100", "32767", "-32768", "255"];
        string[] large = [.. small, "2147483647", "-2147483648", "65536"];
        string[] huge = [.. large, "9223372036854775807", "-9223372036854775808", "4294967296", "3037000500"];
        foreach (var (type, items) in new[] { ("int2", small), ("int4", large), ("int8", huge) })
        {
            foreach (var left in items)
            {
                yield return new OracleCase("int8 to " + type, "", left);
                yield return new OracleCase($"{type} to numeric", "", left);
                yield return new OracleCase($"send {type}", "", left);
                foreach (var right in items)
                {
                    foreach (var operation in new[] { "add", "sub", "mul", "div", "mod" })
                    {
                        yield return new OracleCase($"{type} {operation}", "", left, right);
                    }
                }
            }
        }

        foreach (var item in FloatCases(random))
        {
            yield return item;
        }
    }

    private static IEnumerable<OracleCase> FloatCases(Random random)
    {
        string[] floats =
        [
            "0", "-0", "1", "-1", "0.1", "0.3", "1e15", "1e14", "123456789012345", "1234567890123456", "1e16", "1e-4", "1e-5", "0.0001",
            "0.00001234", "1e6",
            "1e5", "100000", "1000000", "123456", "1234567", "NaN", "nan", "Infinity", "-Infinity", "inf", "+Inf", "1e308",
            "1.7976931348623157e308", "1.8e308",
            "1e400", "-1e400", "4.9e-324", "2e-324", "1e-400", "2.2250738585072014e-308", "3.4e38", "3.5e38", "1e-38", "1e-45", "1e-46",
            "1.17549e-38", "0.5", "1.5",
            "2.5", "-2.5", "3.14159265358979", "2147483647.5", "32767.5", "9.2233720368547758e18", "1e20", "5e-1", "1e+5", ".5", "5.", "0e400",
            "0.0e-999",
            "9007199254740993", "16777217", "33554431", "1.1754944e-38",
        ];
        foreach (var text in floats.Concat(["", "abc", "1.2.3", "1e", "1e5.5", "0x1p3", "1 2", "-", "+-1", ".", "infinit", "nanx", "NaN(1)", "1d",
            " 1.5 "]))
        {
            foreach (var type in new[] { "float4", "float8" })
            {
                yield return new OracleCase("parse " + type, "", text);
            }
        }

        foreach (var text in floats)
        {
            foreach (var type in new[] { "float4", "float8" })
            {
                yield return new OracleCase("send " + type, "", text);
                yield return new OracleCase($"{type} to numeric", "", text);
                foreach (var digits in new[] { "-15", "-5", "0", "1", "3" })
                {
                    yield return new OracleCase("parse " + type, "extra_float_digits=" + digits, text);
                }

                for (var i = 0; i < 5; i++)
                {
                    foreach (var operation in new[] { "add", "sub", "mul", "div" })
                    {
                        yield return new OracleCase($"{type} {operation}", "", text, Pick(random, floats));
                    }

                    yield return new OracleCase("compare " + type, "", text, Pick(random, floats));
                }
            }

            foreach (var type in new[] { "int2", "int4", "int8" })
            {
                yield return new OracleCase("float8 to " + type, "", text);
            }

            yield return new OracleCase("float8 to float4", "", text);
            yield return new OracleCase("float4 to float8", "", text);
        }

        for (var i = 0; i < 1000; i++)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            var text = double.IsFinite(value) ? value.ToString("E17", CultureInfo.InvariantCulture) : "NaN";
            yield return new OracleCase("parse float8", "", text);
            yield return new OracleCase("parse float8", "extra_float_digits=0", text);
            yield return new OracleCase("float8 to numeric", "", text);
            var single = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            text = float.IsFinite(single) ? single.ToString("E9", CultureInfo.InvariantCulture) : "NaN";
            yield return new OracleCase("parse float4", "", text);
            yield return new OracleCase("parse float4", "extra_float_digits=0", text);
            yield return new OracleCase("float4 to float8", "", text);
            yield return new OracleCase("float4 to numeric", "", text);
        }

        for (var i = 0; i < 500; i++)
        {
            var text = (random.NextDouble() * Math.Pow(10, random.Next(-10, 22))).ToString("E" + random.Next(1, 17), CultureInfo.InvariantCulture);
            yield return new OracleCase("parse float8", "", text);
            yield return new OracleCase("parse float4", "", text);
        }
    }
}
