namespace Rqlite.Pg.ResolutionOracle;

/// <summary>The objects that expressions name; the tests' schema has the same ones.</summary>
internal static class Objects
{
    public const string Definition = """
        DROP SCHEMA public CASCADE;
        CREATE SCHEMA public;
        DROP SCHEMA IF EXISTS other CASCADE;
        CREATE SCHEMA other;
        CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
        CREATE TYPE other.mood AS ENUM ('blue');
        CREATE TYPE other."Odd name" AS ENUM ('x');
        CREATE DOMAIN posint AS int4 CHECK (VALUE > 0);
        CREATE DOMAIN posint2 AS posint;
        CREATE DOMAIN short AS varchar(5);
        CREATE DOMAIN num52 AS numeric(5,2);
        CREATE DOMAIN ctext AS text COLLATE "C";
        CREATE DOMAIN intarr AS int4[];
        CREATE DOMAIN moody AS mood;
        CREATE TABLE pair (a int4, b text);
        CREATE TABLE cols (t text, c text COLLATE "C", p text COLLATE "POSIX", u text COLLATE ucs_basic, v varchar(5), i int4, d ctext);
        INSERT INTO cols VALUES ('1', '1', '1', '1', '1', 1, '1');
        """;
}
