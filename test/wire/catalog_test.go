package wire

import (
	"strings"
	"testing"
)

func TestCatalogStatements(t *testing.T) {
	c := start(t).conn(t, "")
	for _, step := range []struct{ sql, want string }{
		{"show databases", "demo|down|information_schema|other|performance_schema"},
		{"show schemas like 'd%'", "demo|down"},
		{"show databases where `Database` = 'other'", "other"},
		{"show tables from demo", "Customer|customer|region"},
		{"show tables from down", ""},
		{"show full tables from other", "thing,VIEW"},
		{"use demo", ""},
		{"show tables like 'r%'", "region"},
		{"show full tables where Table_type = 'BASE TABLE'", "Customer,BASE TABLE|customer,BASE TABLE|region,BASE TABLE"},
		{"describe region", "id,smallint,NO,PRI,NULL,|name,varchar(30),YES,,NULL,"},
		{"desc region name", "name,varchar(30),YES,,NULL,"},
		{"show columns from customer like 'c%'", "code,varchar(12),NO,UNI,NULL,|credit,decimal(15,2),YES,,NULL,"},
		{"show fields in customer from demo where `Key` = 'PRI'", "id,bigint unsigned,NO,PRI,NULL,"},
		{"show full columns from customer where Field in ('id', 'note')",
			"id,bigint unsigned,NULL,NO,PRI,NULL,,select,the number|note,text,utf8mb4_0900_bin,YES,,NULL,,select,what's said"},
		{"show columns from Customer", "id,int,NO,,NULL,"},
		{"show columns from kind", "ERR 1146"},
		{"show columns from down.x", "ERR 1429"},
		{"show tables from nowhere", "ERR 1049"},
		{"show index from customer", "customer,0,PRIMARY,1,id,A,10000,NULL,NULL,,BTREE,,,YES,NULL|customer,1,by_region,1,region,A,5,NULL,NULL,YES,BTREE,,,YES,NULL|" +
			"customer,1,by_region,2,code,A,NULL,NULL,NULL,,BTREE,,,YES,NULL|customer,0,code,1,code,A,10000,NULL,NULL,,BTREE,,,YES,NULL"},
		{"show keys from region in demo where Key_name = 'PRIMARY'", "region,0,PRIMARY,1,id,A,5,NULL,NULL,,BTREE,,,YES,NULL"},
		{"show create table customer", "customer,CREATE TABLE `customer` (\n  `id` bigint unsigned NOT NULL COMMENT 'the number',\n  `code` varchar(12) NOT NULL,\n" +
			"  `region` smallint DEFAULT NULL,\n  `credit` decimal(15,2) DEFAULT NULL,\n  `since` datetime(6) DEFAULT NULL,\n  `note` text DEFAULT NULL COMMENT 'what''s said',\n" +
			"  `kind` enum('a','b') DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `by_region` (`region`,`code`),\n  UNIQUE KEY `code` (`code`),\n" +
			"  CONSTRAINT `in_region` FOREIGN KEY (`region`) REFERENCES `region` (`id`)\n) ENGINE=Weir DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin COMMENT='who buys'"},
		{"show create database demo", "demo,CREATE DATABASE `demo` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin */ /*!80016 DEFAULT ENCRYPTION='N' */"},
		{"show variables like 'version_comment'", "version_comment,Weir"},
		{"show variables where variable_name in ('autocommit', 'lower_case_table_names')", "autocommit,ON|lower_case_table_names,0"},
		{"set net_write_timeout = 77", ""},
		{"show session variables like 'net\\_write%'", "net_write_timeout,77"},
		{"select variable_value from performance_schema.session_variables where variable_name = 'net_write_timeout'", "77"},
		{"show global status like 'threads_connected'", "Threads_connected,1"},
		{"show open tables", ""}, {"show profiles", ""}, {"show engine innodb status", ""}, {"set role default", ""}, {"select user from mysql.user", "ERR 1049"},
		{"show engines", "Weir,DEFAULT,Tables of the configured sources, read only,NO,NO,NO"},
		{"show grants", "GRANT SELECT, SHOW DATABASES ON *.* TO `ann`@`%`|GRANT `admin`@`%` TO `ann`@`%`"},
		{"show triggers", ""}, {"show function status", ""}, {"show events", ""},
		{"select schema_name from information_schema.schemata order by 1", "demo|down|information_schema|other|performance_schema"},
		{"select table_name, table_rows, table_comment from information_schema.tables where table_schema = 'demo' order by table_rows", "region,5,|Customer,10,|customer,10000,who buys"},
		{"select table_type, engine from information_schema.TABLES where TABLE_SCHEMA = 'other'", "VIEW,NULL"},
		{"select column_name, ordinal_position, data_type, column_type, numeric_precision, numeric_scale, character_maximum_length, datetime_precision from information_schema.columns where table_schema = 'demo' and column_name in ('credit', 'code', 'since', 'id') and column_key <> '' or column_name = 'since'",
			"id,1,bigint,bigint unsigned,20,0,NULL,NULL|code,2,varchar,varchar(12),NULL,NULL,12,NULL|since,5,datetime,datetime(6),NULL,NULL,NULL,6|id,1,smallint,smallint,5,0,NULL,NULL"},
		{"select constraint_name, column_name, referenced_table_name, referenced_column_name from information_schema.key_column_usage where table_name = 'customer' and referenced_table_name is not null", "in_region,region,region,id"},
		{"select constraint_name, constraint_type from information_schema.table_constraints where table_name = 'region'", "PRIMARY,PRIMARY KEY"},
		{"select table_name, referenced_table_name from information_schema.referential_constraints", "customer,region"},
		{"select count(*) from information_schema.statistics where table_name = 'customer' and table_schema = 'demo'", "4"},
		{"select table_name from information_schema.views where table_schema = 'other'", "thing"},
		{"select user, db, command from information_schema.processlist", "ann,demo,Query"},
		{"select count(*) > 10 from information_schema.columns where table_schema = 'information_schema' and table_name = 'COLUMNS'", "1"},
		{"select 1 from information_schema.nothing", "ERR 1146"},
		{"select nothing from information_schema.tables", "ERR 1054"},
		{"describe information_schema.schemata", "CATALOG_NAME,varchar(64),YES,,NULL,|SCHEMA_NAME,varchar(64),YES,,NULL,|DEFAULT_CHARACTER_SET_NAME,varchar(64),NO,,NULL,|" +
			"DEFAULT_COLLATION_NAME,varchar(64),NO,,NULL,|SQL_PATH,binary(0),YES,,NULL,|DEFAULT_ENCRYPTION,varchar(64),NO,,NULL,"},
		{"with c as (select table_name n from information_schema.tables where table_schema = 'demo') select max(n) from c", "region"},
	} {
		rows, err := c.QueryContext(t.Context(), step.sql)
		if want, isError := strings.CutPrefix(step.want, "ERR "); isError || err != nil {
			if err == nil {
				rows.Close()
			}
			if got := code(err); !isError || want != itoa(got) {
				t.Errorf("%s: %v, want %s", step.sql, err, step.want)
			}
			continue
		}
		if got := flat(read(t, rows)); got != step.want {
			t.Errorf("%s:\n got %s\nwant %s", step.sql, got, step.want)
		}
	}
	for _, sql := range []string{"show collation", "show character set", "show plugins", "show variables", "show status", "show table status from demo", "show privileges",
		"select * from information_schema.collations", "select * from information_schema.character_sets", "select * from information_schema.columns",
		"select * from information_schema.engines", "select * from information_schema.routines", "select * from information_schema.partitions"} {
		rows, err := c.QueryContext(t.Context(), sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		read(t, rows)
	}
}

// Every table of information_schema can be read.
func TestInformationSchemaWhole(t *testing.T) {
	c := start(t).conn(t, "")
	names := texts(t, c, "select table_name from information_schema.tables where table_schema in ('information_schema', 'performance_schema')")
	if len(names) < 70 {
		t.Errorf("only %d tables", len(names))
	}
	for _, n := range names {
		db := "information_schema"
		if strings.ToLower(n[0].(string)) == n[0] {
			db = "performance_schema"
		}
		rows, err := c.QueryContext(t.Context(), "select * from "+db+"."+n[0].(string))
		if err != nil {
			t.Errorf("%s: %v", n[0], err)
			continue
		}
		read(t, rows)
	}
}

func TestStatusOfTLS(t *testing.T) {
	r := start(t)
	for options, want := range map[string]string{"": "Ssl_version,", "tls=skip-verify": "Ssl_version,TLSv1.3"} {
		if got := flat(texts(t, r.conn(t, options), "show status like 'ssl_version'")); got != want {
			t.Errorf("%q: %s, want %s", options, got, want)
		}
	}
}

func TestCatalogPrepared(t *testing.T) {
	db := start(t).open(t, "")
	stmt, err := db.Prepare("select table_name from information_schema.tables where table_schema = ? and table_rows > ? order by 1")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	for range 3 { // the parsed statement must survive being run
		for _, c := range []struct {
			rows int
			want string
		}{{1, "Customer|customer|region"}, {7, "Customer|customer"}} {
			rows, err := stmt.Query("demo", c.rows)
			if err != nil {
				t.Fatal(err)
			}
			if got := flat(read(t, rows)); got != c.want {
				t.Errorf("more than %d rows: %s, want %s", c.rows, got, c.want)
			}
		}
	}
}

func itoa(n int) string {
	if n < 0 {
		return "another error"
	}
	s := ""
	for ; n > 0; n /= 10 {
		s = string(rune('0'+n%10)) + s
	}
	return s
}
